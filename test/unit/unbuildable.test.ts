import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { findBuilderFaults } from '../../server/src/running/findBuilderFaults.ts';
import type { BuildConfiguration } from '../../server/src/model/buildConfiguration.ts';
import { parseMachine } from '../../server/src/nix/parseMachine.ts';
import { alone } from '../support/buildConfiguration.ts';
import { linux } from '../support/closure.ts';
import { SyntheticStore, type StoredDerivation } from '../support/syntheticStore.ts';

const unhurried = new AbortController().signal;

const arm = 'aarch64-linux';
const cached: Partial<BuildConfiguration> = { substitutes: true };
const machines = (entry: string): Partial<BuildConfiguration> => ({
  machines: [parseMachine(entry, { defaultSystem: 'x86_64-linux', fractions: true })],
});

interface Case {
  readonly what: string;
  readonly write: (store: SyntheticStore) => StoredDerivation;
  readonly settings?: Partial<BuildConfiguration>;
  /** `severity name +others`. */
  readonly faults: readonly string[];
}

/** root → library → tool, and a source. */
function closure(system: string, env: Readonly<Record<string, string>> = {}) {
  return (store: SyntheticStore): StoredDerivation => {
    const source = store.add({ name: 'source', system, outputHash: ['sha256', '0'] });
    const tool = store.add({ name: 'tool', system, env });
    const library = store.add({ name: 'library', system, env, inputs: [tool, source] });
    return store.add({ name: 'root', system, env, inputs: [library] });
  };
}

/** A root for this machine with an input that wants a feature. */
function withFeature(env: Readonly<Record<string, string>> = {}, rootEnv: typeof env = {}) {
  return (store: SyntheticStore): StoredDerivation => {
    const test = store.add({ name: 'vm-test', env: { requiredSystemFeatures: 'kvm gpu', ...env } });
    return store.add({ name: 'root', env: rootEnv, inputs: [test] });
  };
}

/** Pretends that Nix has realised an output. */
function realise(path: string): void {
  writeFileSync(path, '');
}

const cases: readonly Case[] = [
  { what: 'a closure for this machine', write: closure('x86_64-linux'), faults: [] },
  { what: 'a closure for an extra platform', write: closure('i686-linux'), faults: [] },
  {
    what: 'a closure for another system, once',
    write: closure(arm),
    faults: ['warning root +3'],
  },
  {
    what: 'one that an emulator builds',
    write: closure(arm),
    settings: { extraPlatforms: [arm] },
    faults: [],
  },
  {
    what: 'one that a machine builds',
    write: closure(arm),
    settings: machines(`ssh://arm ${arm}`),
    faults: [],
  },
  {
    what: 'one that a machine refuses for its features',
    write: closure(arm),
    settings: machines(`ssh://arm ${arm} - 1 1 - benchmark`),
    faults: ['warning root +3'],
  },
  {
    what: 'what may be substituted is a note',
    write: closure(arm),
    settings: cached,
    faults: ['info root +3'],
  },
  {
    what: 'what forbids to be substituted is a warning all the same',
    write: closure(arm, { allowSubstitutes: '' }),
    settings: cached,
    faults: ['warning root +3'],
  },
  {
    what: 'what forbids to be substituted below something that may be',
    write: withFeature({ allowSubstitutes: '' }),
    settings: cached,
    faults: ['info vm-test +0'],
  },
  {
    what: 'what forbids to be substituted below something that forbids it too',
    write: withFeature({ allowSubstitutes: '' }, { allowSubstitutes: '' }),
    settings: cached,
    faults: ['warning vm-test +0'],
  },
  { what: 'a feature that this machine lacks', write: withFeature(), faults: ['warning vm-test +0'] },
  {
    what: 'a machines file that only the daemon may read',
    write: withFeature(),
    settings: { unreadableMachines: ['/etc/nix/machines'] },
    faults: ['info vm-test +0'],
  },
  {
    what: 'machines that cannot be read keep all from being built, but what is preferred here',
    write: (store) => {
      const text = store.add({ name: 'text', env: { preferLocalBuild: '1' } });
      return store.add({ name: 'root', inputs: [text] });
    },
    settings: { machinesProblem: 'bad machine specification' },
    faults: ['warning root +0'],
  },
  {
    what: 'a root that is built already',
    write: (store) => {
      const root = closure(arm)(store);
      realise(root.out());
      return root;
    },
    faults: [],
  },
  {
    what: 'inputs that are built already',
    write: (store) => {
      const tool = store.add({ name: 'tool', system: arm });
      const library = store.add({ name: 'library', system: arm, inputs: [tool] });
      realise(library.out());
      return store.add({ name: 'root', system: arm, inputs: [library] });
    },
    faults: ['warning root +0'],
  },
  {
    what: 'an output that is built already, where another one is used',
    write: (store) => {
      const tool = store.add({ name: 'tool', system: arm, outputs: ['out', 'dev'] });
      realise(tool.out());
      return store.add({ name: 'root', inputs: [[tool, 'dev']] });
    },
    // Foreign to the root: its leak says what is wrong with it.
    faults: [],
  },
  {
    what: 'fixed outputs alone are a note',
    write: (store) => {
      const source = store.add({
        name: 'source',
        outputHash: ['sha256', '0'],
        env: { requiredSystemFeatures: 'net' },
      });
      return store.add({ name: 'root', inputs: [source] });
    },
    faults: ['info source +0'],
  },
  {
    what: 'no job: what this machine builds, and what Nix itself does',
    write: (store) => {
      const source = store.add({ name: 'source', system: 'builtin', builder: 'builtin:fetchurl' });
      const library = store.add({ name: 'library', inputs: [source] });
      return store.add({ name: 'root', inputs: [library] });
    },
    settings: { maxJobs: 0 },
    faults: ['warning root +1', 'warning source +0'],
  },
];

for (const { what, write, settings = {}, faults } of cases) {
  test(`nobody builds: ${what}`, async () => {
    using store = new SyntheticStore();
    const graph = await loadClosure(write(store).drvPath);
    const found = await findBuilderFaults(graph, linux, { ...alone, ...settings }, unhurried);
    const told = found.map(({ severity, derivation, explanation }) => {
      const { name } = graph.derivation(derivation);
      const others = / and (\d+) other derivation/.exec(explanation)?.[1] ?? '0';
      assert.ok(explanation.startsWith(`${name} `), explanation);
      return `${severity} ${name} +${others}`;
    });
    assert.deepEqual(told.sort(), faults);
  });
}

test('the words are those of Nix, in one line', async () => {
  using store = new SyntheticStore();
  const root = closure(arm)(store);
  const [fault] = await findBuilderFaults(await loadClosure(root.drvPath), linux, alone, unhurried);
  assert.equal(
    fault?.explanation,
    `root and 3 other derivations can be built by nobody here: Cannot build '${root.drvPath}'. ` +
      "Reason: platform mismatch; Required system: 'aarch64-linux'; Current system: 'x86_64-linux'",
  );
  const [note] = await findBuilderFaults(
    await loadClosure(root.drvPath),
    linux,
    { ...alone, ...cached },
    unhurried,
  );
  assert.match(
    note?.explanation ?? '',
    /^root and 3 other derivations have to be substituted, for nobody here can build them: Cannot build /,
  );
});
