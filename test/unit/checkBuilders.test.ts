import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBuilders, type BuildConfiguration } from '../../server/src/check/builders.ts';
import { parseMachines } from '../../server/src/check/machines.ts';
import type { Derivation } from '../../server/src/model/derivation.ts';

const configuration: BuildConfiguration = {
  system: 'x86_64-linux',
  extraPlatforms: ['i686-linux'],
  systemFeatures: ['kvm', 'nixos-test'],
  maxJobs: 2,
  machines: parseMachines(
    'ssh://mac x86_64-darwin,aarch64-darwin - 4 1 big-parallel\n' +
      'ssh://fast-mac aarch64-darwin - 4 8\n' +
      'ssh://tests x86_64-linux - 1 1 kvm nixos-test',
    'x86_64-linux',
  ),
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
  ['a builtin builder', { system: 'builtin', builtin: true }, { maxJobs: 0 }, 'builtin', []],
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

test('where nobody can build, the reason is in the words of Nix', () => {
  assert.equal(
    findBuilders(derivation({ system: 'x86_64-darwin', requiredSystemFeatures: ['kvm'] }), configuration)
      .reason,
    "a 'x86_64-darwin' with features {kvm} is required to build " +
      "'/nix/store/00000000000000000000000000000000-x.drv', but I am a 'x86_64-linux' with features {kvm, nixos-test}",
  );
  assert.match(findBuilders(derivation(), { ...configuration, maxJobs: 0 }).reason, /increase '--max-jobs'/);
});

test('the list of machines is read as Nix reads it', () => {
  const text = `
    # comment
    ssh://one
    ssh-ng://user@two x86_64-linux,i686-linux /root/key 8 2.5 kvm,big-parallel benchmark c2V0 # the fast one ; not this
    three aarch64-linux - - - - -; four - - 0
    @/etc/nix/more
  `;
  const unset = { maxJobs: 1, speedFactor: 1, supportedFeatures: [], mandatoryFeatures: [] };
  assert.deepEqual(parseMachines(text, 'riscv64-linux'), [
    { uri: 'ssh://one', systems: ['riscv64-linux'], ...unset },
    {
      uri: 'ssh-ng://user@two',
      systems: ['x86_64-linux', 'i686-linux'],
      maxJobs: 8,
      speedFactor: 2.5,
      supportedFeatures: ['kvm', 'big-parallel'],
      mandatoryFeatures: ['benchmark'],
    },
    { uri: 'not', systems: ['this'], ...unset },
    { uri: 'three', systems: ['aarch64-linux'], ...unset },
    { uri: 'four', systems: ['riscv64-linux'], ...unset, maxJobs: 0 },
  ]);
});
