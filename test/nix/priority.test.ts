import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { findNix } from '../../server/src/nix/installation.ts';
import { runInBackground } from '../../server/src/nix/process/priority.ts';
import { runNix } from '../../server/src/nix/runNix.ts';

/** What an evaluation reads of its own process. */
async function readOfNix(file: string): Promise<string> {
  const { stdout } = await runNix(await findNix({}), 'nixInstantiate', [
    '--eval',
    '--expr',
    `builtins.readFile "/proc/self/${file}"`,
  ]);
  return stdout;
}

/** The nice value of a process stands in its `stat` behind its name in brackets (proc(5)). */
async function priorityOfNix(): Promise<number> {
  const stat = await readOfNix('stat');
  const fields = stat.slice(stat.indexOf(')') + 2).split(' ');
  return Number(fields[16]);
}

/** The nice value of a session; undefined where this kernel does not share the processor among sessions. */
function sessionPriorityIn(text: string): number | undefined {
  const [, nice] = /^"?\/autogroup-\d+ nice (-?\d+)/.exec(text) ?? [];
  return nice === undefined ? undefined : Number(nice);
}

function ownSessionPriority(): number | undefined {
  try {
    return sessionPriorityIn(readFileSync('/proc/self/autogroup', 'utf8'));
  } catch {
    // Another system, or a kernel that was built without it.
    return undefined;
  }
}

test('evaluations of a server leave the processor to the editor, those of a command do not', async () => {
  const own = getPriority();
  const ownSession = ownSessionPriority();
  assert.equal(await priorityOfNix(), own);
  if (ownSession !== undefined) assert.equal(sessionPriorityIn(await readOfNix('autogroup')), 0);
  runInBackground();
  assert.equal(await priorityOfNix(), Math.max(own, 10));
  if (ownSession === undefined) return;
  // Linux lets one session at a time be given another priority: where somebody else was first, Nix has ended before its turn.
  const wanted = 5;
  let found: number | undefined;
  for (let tries = 0; tries < 30 && found !== wanted; tries++)
    found = sessionPriorityIn(await readOfNix('autogroup'));
  assert.equal(found, wanted);
});
