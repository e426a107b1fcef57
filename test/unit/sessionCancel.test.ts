import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { test } from 'node:test';

import type { FoundTarget } from '../../server/src/targets/search/found.ts';
import { noArguments } from '../../server/src/targets/search/found.ts';
import type { NixConnection, SearchOptions } from '../../server/src/session/parts.ts';
import type { Run } from '../../server/src/session/evaluationRun.ts';
import { Session } from '../../server/src/session/session.ts';
import { defaultSettings } from '../../server/src/snapshot/settings.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { until } from '../support/nixProcesses.ts';
import { testParser } from '../support/parser.ts';

function found(file: string): FoundTarget {
  return {
    target: { kind: 'file', file, attribute: '', arguments: noArguments },
    label: file,
    description: '',
  };
}

/** A session over a Nix whose searches and runs are the test's. */
function open(
  root: string,
  findTargets: (options: SearchOptions) => Promise<readonly FoundTarget[]>,
  run: NixConnection['evaluator']['run'],
): { session: Session; runs: Run[] } {
  const nix = {
    evaluator: { run, fetch: () => Promise.resolve([]) },
    findTargets,
    listGroup: () => Promise.resolve([]),
    fetchInputs: () => Promise.resolve(),
    placeOf: () => Promise.resolve(undefined),
    proposeFixes: () => Promise.resolve([]),
    proveFixes: () => Promise.resolve(new Map()),
    compareSystems: () => Promise.resolve(undefined),
    readBuildConfiguration: () => Promise.reject(new Error('nobody asks')),
    isUnavailable: () => false,
    found: () => undefined,
  };
  const session = new Session(
    { connectNix: () => nix, loadParser: testParser, logError: (message) => assert.fail(message) },
    { trusted: true, clientCommands: false, workspaceRoots: [root] },
  );
  session.configure(defaultSettings);
  const runs: Run[] = [];
  session.onRun((started) => runs.push(started));
  return { session, runs };
}

/** A search that finds something only once it is not wanted any more. */
async function whenAborted(signal: AbortSignal, file: string): Promise<readonly FoundTarget[]> {
  await once(signal, 'abort');
  return [found(file)];
}

test('the search for targets ends with the run that wanted it', async () => {
  using folder = new NixFolder({});
  let searches = 0;
  const { session, runs } = open(
    folder.path,
    ({ signal }) => {
      searches += 1;
      return whenAborted(signal, folder.file('a.nix'));
    },
    () => assert.fail('it was cancelled before'),
  );
  session.evaluate();
  await until('it searches', () => searches === 1);
  session.cancel();
  await runs[0]?.settled;
  assert.equal(runs.length, 1);
});

test('a run that is cancelled while it looks for another target starts none', async () => {
  using folder = new NixFolder({ 'a.nix': '', 'b.nix': '' });
  let searches = 0;
  const { session, runs } = open(
    folder.path,
    async ({ signal }) => {
      searches += 1;
      return searches === 1 ? [found(folder.file('a.nix'))] : whenAborted(signal, folder.file('b.nix'));
    },
    () => {
      rmSync(folder.file('a.nix'), { force: true });
      return Promise.resolve({ kind: 'failed', errors: [{ message: 'there is no a.nix' }] });
    },
  );
  session.evaluate();
  await until('it searches again', () => searches === 2);
  session.cancel();
  await Promise.all(runs.map(({ settled }) => settled));
  assert.equal(runs.length, 2, 'the search, and the one evaluation that failed');
  assert.equal(session.snapshot.preparing, undefined);
  assert.ok(session.snapshot.evaluations.every(({ running, failure }) => !running && !failure));
});

test('to cancel a run that was superseded leaves the newest alone', async () => {
  using folder = new NixFolder({ 'a.nix': '' });
  const { session, runs } = open(
    folder.path,
    () => Promise.resolve([found(folder.file('a.nix'))]),
    async (_request, { signal }) => {
      await once(signal, 'abort');
      return { kind: 'cancelled' };
    },
  );
  session.evaluate();
  await until('it evaluates', () => runs.length === 2);
  session.evaluate();
  const [, older, newest] = runs;
  assert.ok(older && newest);
  session.cancelRun(older);
  assert.deepEqual([older.signal.aborted, newest.signal.aborted], [true, false]);
  await session.dispose();
  assert.ok(newest.signal.aborted);
});

test('what was cancelled does not start by itself', async () => {
  using folder = new NixFolder({ 'a.nix': '', 'b.nix': '', 'c.nix': '' });
  const files = ['a.nix', 'b.nix'].map((name) => folder.file(name));
  const { session, runs } = open(
    folder.path,
    () => Promise.resolve(files.map(found)),
    async ({ target }, { signal }) => {
      if (target.kind === 'file' && target.file !== folder.file('a.nix'))
        return { kind: 'failed', errors: [{ message: 'it is broken' }] };
      await once(signal, 'abort');
      return { kind: 'cancelled' };
    },
  );
  await session.findTargets();
  await session.selectTargets(
    session.snapshot.targets?.map(({ key }) => key),
    undefined,
  );
  assert.equal(runs.length, 2);
  const [cancelled, other] = runs;
  assert.ok(cancelled && other);
  session.cancelRun(cancelled);
  await other.settled;
  session.open(`file://${folder.file('c.nix')}`, 1, '');
  await session.findTargets();
  assert.equal(runs.length, 2);
  await session.selectTargets(
    session.snapshot.targets?.map(({ key }) => key),
    undefined,
  );
  assert.equal(runs.length, 3, 'a choice starts it');
  await session.dispose();
  session.evaluate();
  assert.equal(runs.length, 3, 'nothing starts any more');
});
