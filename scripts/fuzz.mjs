/**
 * `npm run fuzz`: a million random cases for everything that is read from
 * outside. `-- --subject documents --cases 20000 --seed 7` for a part of it, or
 * the same again; `--save` keeps what fails in the corpus.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

import { onOwnNode } from './support/ownNode.mjs';

await onOwnNode();
process.chdir(dirname(import.meta.dirname));
const { status } = spawnSync(process.execPath, [join('test', 'fuzz', 'fuzz.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
