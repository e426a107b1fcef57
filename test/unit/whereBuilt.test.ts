import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { renderDecidingSettings, renderBuilders } from '../../server/src/features/renderBuilders.ts';
import type { BuildConfiguration } from '../../server/src/model/buildConfiguration.ts';
import { parseMachine } from '../../server/src/nix/parseMachine.ts';
import { alone } from '../support/buildConfiguration.ts';
import { SyntheticStore, type DerivationSpec } from '../support/syntheticStore.ts';

const mac: Partial<BuildConfiguration> = {
  machines: [
    parseMachine('ssh://mac x86_64-darwin,x86_64-linux', { defaultSystem: 'x86_64-linux', fractions: true }),
  ],
};

interface Case {
  readonly what: string;
  readonly derivation: Omit<DerivationSpec, 'name'>;
  readonly settings?: Partial<BuildConfiguration>;
  readonly where: string | RegExp;
  readonly decides: readonly string[];
}

const cases: readonly Case[] = [
  { what: 'here', derivation: {}, where: 'this machine', decides: [] },
  { what: 'here and there', derivation: {}, settings: mac, where: 'this machine, `ssh://mac`', decides: [] },
  {
    what: 'there, for `preferLocalBuild` is no platform',
    derivation: { system: 'x86_64-darwin', env: { preferLocalBuild: '1' } },
    settings: mac,
    where: '`ssh://mac`, not this machine',
    decides: [
      '`preferLocalBuild` does not change where it can be built: it only chooses among those that are a `x86_64-darwin`.',
    ],
  },
  {
    what: 'here before there',
    derivation: { env: { preferLocalBuild: '1' } },
    settings: mac,
    where: 'this machine, `ssh://mac`',
    decides: ['`preferLocalBuild`: this machine is taken before the others.'],
  },
  {
    what: 'there, for no job is left here',
    derivation: { env: { requiredSystemFeatures: 'kvm' } },
    settings: { maxJobs: 0, substitutes: true, fallback: true },
    where: /^no machine that Nix knows of: only substituted\. To build it, it would say: `Cannot build .*`$/,
    decides: [
      "`requiredSystemFeatures` asks for `kvm`, which this machine's `system-features` have.",
      '`max-jobs` is 0: nothing is built on this machine.',
      '`fallback` is of no use here: it builds only what somebody can build.',
    ],
  },
  {
    what: 'nobody, and no substituter is asked',
    derivation: { env: { requiredSystemFeatures: 'gpu', allowSubstitutes: '' } },
    settings: { substitutes: true },
    where:
      /^no machine that Nix knows of\. It would say: `Cannot build .*Reason: missing system features; Required features: \{gpu\}; /,
    decides: [
      "`requiredSystemFeatures` asks for `gpu`; this machine's `system-features` lack `gpu`.",
      'It says `allowSubstitutes = false`: no substituter is asked for it, somebody has to build it.',
    ],
  },
  {
    what: 'a substituter is asked all the same',
    derivation: { env: { allowSubstitutes: '' } },
    settings: { substitutes: true, alwaysAllowSubstitutes: true },
    where: 'this machine',
    decides: ['It says `allowSubstitutes = false`, which `always-allow-substitutes` overrules.'],
  },
  {
    what: 'Nix itself',
    derivation: { system: 'builtin', builder: 'builtin:fetchurl', env: { preferLocalBuild: '1' } },
    where: 'any machine: Nix itself builds it',
    decides: [],
  },
];

for (const { what, derivation, settings = {}, where, decides } of cases) {
  test(`where it is built: ${what}`, async () => {
    using store = new SyntheticStore();
    const graph = await loadClosure(store.add({ name: 'x', ...derivation }).drvPath);
    const configuration = { ...alone, ...settings };
    const told = renderBuilders(graph.derivation(graph.root), configuration);
    if (typeof where === 'string') assert.equal(told, where);
    else assert.match(told, where);
    assert.deepEqual(renderDecidingSettings(graph.derivation(graph.root), configuration), decides);
  });
}
