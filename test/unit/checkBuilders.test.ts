import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBuilders } from '../../server/src/check/builders.ts';
import type { BuildConfiguration } from '../../server/src/model/buildConfiguration.ts';
import type { Derivation } from '../../server/src/model/derivation.ts';
import { parseMachine } from '../../server/src/nix/parseMachine.ts';

const configuration: BuildConfiguration = {
  system: 'x86_64-linux',
  extraPlatforms: ['i686-linux'],
  systemFeatures: ['kvm', 'nixos-test'],
  maxJobs: 2,
  externalBuilderSystems: [],
  machines: [
    'ssh://mac x86_64-darwin,aarch64-darwin - 4 1 big-parallel',
    'ssh://fast-mac aarch64-darwin - 4 8',
    'ssh://tests x86_64-linux - 1 1 kvm nixos-test',
  ].map((entry) => parseMachine(entry, { defaultSystem: 'x86_64-linux', fractions: true })),
  unreadableMachines: [],
  substitutes: false,
  alwaysAllowSubstitutes: false,
  fallback: false,
  refusals: '2.34',
};

function derivation(changes: Partial<Derivation> = {}): Derivation {
  const system = changes.system ?? 'x86_64-linux';
  return {
    id: 0,
    drvPath: '/nix/store/00000000000000000000000000000000-x.drv',
    name: 'x',
    system,
    host: { kind: 'system', system, certainty: 'inferred' },
    builtin: false,
    fixedOutput: false,
    outputs: [{ name: 'out', path: '/nix/store/11111111111111111111111111111111-x' }],
    requiredSystemFeatures: [],
    preferLocalBuild: false,
    allowSubstitutes: true,
    ...changes,
  };
}

for (const [what, changes, settings, kind, machines] of [
  ["this machine's system", {}, {}, 'local', []],
  ['an extra platform', { system: 'i686-linux' }, {}, 'local', []],
  ['no job here', {}, { maxJobs: 0 }, 'none', []],
  ['another system', { system: 'aarch64-darwin' }, {}, 'remote', ['ssh://fast-mac', 'ssh://mac']],
  [
    'prefers a local build, which is no platform',
    { system: 'x86_64-darwin', preferLocalBuild: true },
    {},
    'remote',
    ['ssh://mac'],
  ],
  [
    'a feature of a remote machine',
    { system: 'aarch64-darwin', requiredSystemFeatures: ['big-parallel'] },
    {},
    'remote',
    ['ssh://mac'],
  ],
  ["this machine's feature", { requiredSystemFeatures: ['kvm'] }, {}, 'local', []],
  ['a mandatory feature', { requiredSystemFeatures: ['nixos-test'] }, {}, 'local', ['ssh://tests']],
  [
    'a mandatory and a supported feature',
    { requiredSystemFeatures: ['nixos-test', 'kvm'] },
    { maxJobs: 0 },
    'remote',
    ['ssh://tests'],
  ],
  ['a feature that nobody has', { requiredSystemFeatures: ['gpu'] }, {}, 'none', []],
  ['a floating output', { outputs: [{ name: 'out' }] }, {}, 'none', []],
  [
    'a floating output where that is allowed',
    { outputs: [{ name: 'out' }] },
    { systemFeatures: ['ca-derivations'] },
    'local',
    [],
  ],
  [
    'a fixed output of which only the hash is known',
    { outputs: [{ name: 'out' }], fixedOutput: true },
    {},
    'local',
    [],
  ],
  ['a builtin builder', { system: 'builtin', builtin: true }, {}, 'builtin', ['ssh://fast-mac', 'ssh://mac']],
  [
    'a builtin builder, but no job',
    { system: 'builtin', builtin: true },
    { maxJobs: 0, machines: [] },
    'none',
    [],
  ],
  [
    'a builtin builder, and the job that Lix keeps',
    { system: 'builtin', builtin: true },
    { maxJobs: 0, machines: [], refusals: 'lix' },
    'builtin',
    [],
  ],
  [
    'a program that stands in',
    { system: 'riscv64-linux' },
    { externalBuilderSystems: ['riscv64-linux'] },
    'local',
    [],
  ],
  ['a substituter', { system: 'riscv64-linux' }, { substitutes: true }, 'substituted', []],
  [
    'a substituter that is not asked',
    { system: 'riscv64-linux', allowSubstitutes: false },
    { substitutes: true },
    'none',
    [],
  ],
  [
    'a substituter that is asked all the same',
    { system: 'riscv64-linux', allowSubstitutes: false },
    { substitutes: true, alwaysAllowSubstitutes: true },
    'substituted',
    [],
  ],
  ['machines that cannot be read', {}, { machinesProblem: 'bad machine specification' }, 'none', []],
  [
    'machines that cannot be read and need not',
    { preferLocalBuild: true },
    { machinesProblem: 'bad machine specification' },
    'local',
    [],
  ],
  ['a system that nobody has', { system: 'riscv64-linux' }, {}, 'none', []],
] as const) {
  test(`who builds: ${what}`, () => {
    const builders = findBuilders(derivation(changes), { ...configuration, ...settings });
    assert.equal(builders.kind, kind);
    assert.deepEqual(
      builders.machines.map(({ uri }) => uri),
      machines,
    );
  });
}

const drvPath = '/nix/store/00000000000000000000000000000000-x.drv';
const required =
  `a 'x86_64-darwin' with features {kvm, zz} is required to build '${drvPath}', ` +
  "but I am a 'aarch64-darwin' with features {kvm, nixos-test}";
const unavailable =
  `Cannot build '${drvPath}'.\nReason: required system or feature not available\n` +
  "Required system: 'x86_64-darwin' with features {kvm, zz}\n" +
  "Current system: 'aarch64-darwin' with features {kvm, nixos-test}\n" +
  'Note: run `/usr/sbin/softwareupdate --install-rosetta && launchctl stop org.nixos.nix-daemon` to run programs for x86_64-darwin';

// Versions and machines that are not at hand: from the tagged sources.
for (const [refusals, maxJobs, words] of [
  ['2.4', 1, required],
  ['2.21', 1, required],
  [
    '2.27',
    1,
    'run `/usr/sbin/softwareupdate --install-rosetta` to enable your aarch64-darwin to run programs for x86_64-darwin',
  ],
  ['2.30', 1, unavailable],
  ['2.30', 0, "Unable to start any build; either increase '--max-jobs' or enable remote builds."],
  ['2.33', 0, unavailable],
  ['lix', 0, required],
] as const) {
  test(`nobody builds, in the words of ${refusals} with ${maxJobs} jobs`, () => {
    const mac = { ...configuration, system: 'aarch64-darwin', extraPlatforms: [], machines: [] };
    const wanted = derivation({ system: 'x86_64-darwin', requiredSystemFeatures: ['zz', 'kvm'] });
    assert.equal(findBuilders(wanted, { ...mac, refusals, maxJobs }).reason, words);
  });
}

test('Nix waits for a machine that fits and never builds', () => {
  const machines = configuration.machines.map((machine) => ({ ...machine, maxJobs: 0 }));
  const { kind, reason } = findBuilders(derivation({ system: 'x86_64-darwin' }), {
    ...configuration,
    machines,
  });
  assert.equal(kind, 'none');
  assert.equal(reason, `waiting for a machine to build '${drvPath}'`);
});
