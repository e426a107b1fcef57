/**
 * `npm run test:unit`: the tests that need no Nix, no editor and no network, for
 * while one writes. Nothing is built or checked first.
 */
// Not by name: an older Node, which starts this, lacks `globSync`.
import * as fs from 'node:fs';
import { dirname } from 'node:path';

import { onOwnNode } from './support/ownNode.mjs';
import { runTests } from './support/runTests.mjs';

await onOwnNode();
process.chdir(dirname(import.meta.dirname));
process.exitCode = (await runTests(fs.globSync('test/unit/*.test.ts'), 5)) ? 0 : 1;
