import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, test } from 'node:test';

import { NixFailure } from '../../server/src/nix/failure.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import { MemoryBudget } from '../../server/src/nix/process/memoryBudget.ts';
import { memoryOfTrees } from '../../server/src/nix/process/processMemory.ts';
import { runNix, type ProcessOptions } from '../../server/src/nix/runNix.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

/** Keeps about this much, in MiB, and then computes for long; `started` is traced when it does. */
function holding(mebibytes: number): string {
  return `
    let
      kept = builtins.genList (n: { inherit n; }) (${mebibytes} * 1024 * 1024 / 100);
      count = builtins.foldl' (a: b: a + b) 0;
    in builtins.deepSeq kept (builtins.trace "started"
      (count (map (n: count (builtins.genList (x: x + n) 10000)) (builtins.genList (x: x) 10000000))))
  `;
}

async function outcomeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return 'a value';
  } catch (error) {
    assert.ok(error instanceof NixFailure, String(error));
    return error.reason;
  }
}

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, async () => {
    const nix = await findNix({ directory });
    const evaluate = (expression: string, options: ProcessOptions) =>
      runNix(nix, 'nixInstantiate', ['--eval', '--expr', expression], options);

    test('a run’s processes share one limit, and what can be done without ends first', async () => {
      // Each of them alone is far below it.
      const memory = new MemoryBudget(700);
      const wanted = new AbortController();
      const events = new EventEmitter();
      const started = once(events, 'started');
      const first = outcomeOf(
        evaluate(holding(100), {
          memory,
          signal: wanted.signal,
          onMessage: ({ kind }) => {
            if (kind === 'trace') events.emit('started');
          },
        }),
      );
      await started;
      assert.equal(await outcomeOf(evaluate(holding(600), { memory, givesWay: true })), 'out-of-memory');
      // Had it been ended as well, this would come too late.
      wanted.abort();
      assert.equal(await first, 'aborted');
    });
  });
}

test('what a process has started counts, too', async () => {
  using folder = new NixFolder({});
  // The program itself is a small shell; the memory is its child's.
  const grow = `"${process.execPath}" -e 'globalThis.kept = Buffer.alloc(300 * 1024 * 1024, 1); setInterval(() => {}, 1000)'`;
  const nixInstantiate = folder.write('nix-instantiate', `#!/bin/sh\n${grow} &\nwait\n`, 0o755);
  const nix = {
    version: '2.99',
    isLix: false,
    commands: { nixInstantiate, nix: undefined, nixStore: undefined },
  };
  assert.equal(await outcomeOf(runNix(nix, 'nixInstantiate', [], { memoryLimitMiB: 200 })), 'out-of-memory');
});

test('the memory of a process that has ended is none', async () => {
  assert.ok((await memoryOfTrees([process.pid])) > 10);
  assert.equal(await memoryOfTrees([2 ** 22 + 1]), 0);
});
