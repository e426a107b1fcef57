import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { machineEntries } from '../../server/src/nix/machineEntries.ts';
import { BadMachineError, parseMachine } from '../../server/src/nix/parseMachine.ts';
import { readMachines } from '../../server/src/nix/readMachines.ts';

const rules = { defaultSystem: 'x86_64-linux', fractions: true, entries: 'by-line' } as const;

test('blanks and digits without end are read in no time', () => {
  const blanks = ' '.repeat(500_000);
  assert.deepEqual(machineEntries(`\t a${blanks}b\r\n;${blanks}`, 'by-line'), [`a${blanks}b`]);
  const long = `a b c 1 ${'1'.repeat(500_000)}x`;
  assert.throws(() => parseMachine(long, rules), BadMachineError);
});

test('speed factors', () => {
  const speedOf = (text: string): number => parseMachine(`a b c 1 ${text}`, rules).speedFactor;
  assert.deepEqual(['1', '1.', '.5', '1.5', '2e1'].map(speedOf), [1, 1, 0.5, 1.5, 20]);
  assert.throws(() => speedOf('.'), BadMachineError);
});

test('a machines file that is none is not waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lens-machines-'));
  try {
    const pipe = join(folder, 'machines');
    execFileSync('mkfifo', [pipe]);
    const { machines, unreadableMachines } = await readMachines(`@${pipe}`, rules);
    assert.deepEqual({ machines, unreadableMachines }, { machines: [], unreadableMachines: [pipe] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
