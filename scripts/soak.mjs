/**
 * `npm run soak`: two hours of random use of real servers, on fresh bundles.
 * `-- --minutes 15 --seed 7` for less and for the same again; `--place example`
 * for one of the workspaces; `--snapshots FOLDER` writes heap snapshots.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

import { onOwnNode } from './support/ownNode.mjs';
import { run } from './support/process.mjs';

await onOwnNode();
process.chdir(dirname(import.meta.dirname));
run('npm', ['run', '--silent', 'build']);
const { status } = spawnSync(process.execPath, [join('test', 'soak', 'soak.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
