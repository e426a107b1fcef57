import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { noArguments, type FoundTarget } from '../../server/src/targets/search/found.ts';
import type { Fix } from '../../server/src/fixes/fix.ts';
import { readTargetFile, targetFileName } from '../../server/src/targets/targetFile.ts';
import type { NixConnection } from '../../server/src/session/parts.ts';
import { Session } from '../../server/src/session/session.ts';
import { defaultSettings } from '../../server/src/snapshot/settings.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { until } from '../support/nixProcesses.ts';
import { testParser } from '../support/parser.ts';
import { evaluateWorkspace } from '../support/workspace.ts';

const text = 'derivation { name = "root"; system = "x86_64-linux"; builder = "/bin/sh"; }\n';

function found(file: string): FoundTarget {
  return {
    target: { kind: 'file', file, attribute: '', arguments: noArguments },
    label: file,
    description: '',
  };
}

function open(changes: Partial<NixConnection>): Session {
  const nix: NixConnection = {
    evaluator: { run: () => assert.fail('nothing is evaluated'), fetch: () => Promise.resolve([]) },
    findTargets: () => Promise.resolve([]),
    listGroup: () => Promise.resolve([]),
    fetchInputs: () => Promise.resolve(),
    placeOf: () => Promise.resolve(undefined),
    proposeFixes: () => Promise.resolve([]),
    proveFixes: () => Promise.resolve(new Map()),
    compareSystems: () => Promise.resolve(undefined),
    readBuildConfiguration: () => Promise.reject(new Error('nobody asks')),
    isUnavailable: () => false,
    found: () => undefined,
    ...changes,
  };
  const session = new Session(
    {
      connectNix: () => nix,
      loadParser: testParser,
      logError: () => undefined,
      readTargetFile,
    },
    { trusted: true, clientCommands: false, workspaceRoots: ['/one'] },
  );
  session.configure(defaultSettings);
  return session;
}

test('repairs that were not proven yet are proven when their report is active again', async () => {
  const report = await evaluateWorkspace({ files: { 'default.nix': text } });
  const fix: Fix = {
    title: 'a repair',
    edits: [],
    repairs: [],
    proof: { kind: 'unproven', reason: 'not yet' },
  };
  let runs = 0;
  let proofs = 0;
  const session = open({
    evaluator: {
      run: () => {
        runs += 1;
        return Promise.resolve({ kind: 'report', report });
      },
      fetch: () => Promise.resolve([]),
    },
    findTargets: () => Promise.resolve(['/one/a.nix', '/one/b.nix'].map(found)),
    proposeFixes: () => Promise.resolve([fix]),
    proveFixes: async (subjects, _isWanted, signal) => {
      proofs += 1;
      if (proofs === 1) await once(signal, 'abort');
      const proven = { ...fix, title: 'a proven repair' };
      return new Map(subjects.map((subject) => [subject.report, [proven]]));
    },
    readBuildConfiguration: () => Promise.reject(new Error('nobody asks')),
  });
  const title = (): string | undefined => session.snapshot.evaluations[0]?.evaluated?.fixes[0]?.title;
  await session.findTargets();
  const [a, b] = session.snapshot.targets?.map(({ key }) => key) ?? [];
  assert.ok(a !== undefined && b !== undefined);
  await session.selectTargets([a], undefined);
  await until('it proves', () => proofs === 1);
  await session.selectTargets([b], undefined);
  await until('the other is proven', () => title() === 'a proven repair');
  await session.selectTargets([a], undefined);
  assert.equal(title(), 'a repair');
  await until('it is proven', () => title() === 'a proven repair');
  assert.equal(runs, 2, 'nothing was evaluated again');
  await session.dispose();
});

test('folders that are added bring the targets that they share, and take them away', async () => {
  using folder = new NixFolder({ [targetFileName]: '{ "targets": [{ "file": "x.nix" }] }' });
  const session = open({});
  const labels = (): string[] => session.snapshot.targets?.map(({ label }) => label) ?? [];
  await session.setWorkspaceRoots(['/one', folder.path]);
  assert.deepEqual(labels(), ['x.nix']);
  await session.setWorkspaceRoots(['/one']);
  assert.deepEqual(labels(), []);
  await session.dispose();
});
