import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { findNix } from '../../server/src/nix/installation.ts';
import { runInBackground } from '../../server/src/nix/process/priority.ts';
import { runNix } from '../../server/src/nix/runNix.ts';

/** The nice value of a process stands in its `stat` behind its name in brackets (proc(5)). */
async function priorityOfNix(): Promise<number> {
  const { stdout } = await runNix(await findNix({}), 'nixInstantiate', [
    '--eval',
    '--expr',
    'builtins.readFile "/proc/self/stat"',
  ]);
  const fields = stdout.slice(stdout.indexOf(')') + 2).split(' ');
  return Number(fields[16]);
}

test('evaluations of a server leave the processor to the editor, those of a command do not', async () => {
  const own = getPriority();
  assert.equal(await priorityOfNix(), own);
  runInBackground();
  assert.equal(await priorityOfNix(), Math.max(own, 10));
});
