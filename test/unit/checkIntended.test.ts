import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { atOnce } from '../../server/src/model/slices.ts';
import { parseImageConfig } from '../../server/src/check/intended/imageConfig.ts';
import { judgeIntended } from '../../server/src/check/intended/judgeIntended.ts';
import { namedSystem } from '../../server/src/check/intended/namedSystem.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { StoreTexts } from '../../server/src/running/storeTexts.ts';
import type { EvaluationTarget } from '../../server/src/model/target.ts';
import { linux } from '../support/closure.ts';
import { SyntheticStore, type DerivationSpec } from '../support/syntheticStore.ts';

const noArguments = { arg: [], argstr: [], include: [], option: [] };
const file = (attribute: string): EvaluationTarget => ({
  kind: 'file',
  file: '/release.nix',
  attribute,
  arguments: noArguments,
});
const flake = (attribute: string): EvaluationTarget => ({
  kind: 'flake',
  flake: '/flake',
  attribute,
  arguments: noArguments,
});

describe('the system that an attribute path names', () => {
  for (const [what, target, expected] of [
    ['a file', file('build.x86_64-linux'), 'warning x86_64-linux'],
    ['a file whose name comes first', file('aarch64-darwin.foo'), 'warning aarch64-darwin'],
    ['two systems', file('cross.x86_64-linux.aarch64-linux'), 'none'],
    ['a name that only ends like one', file('tests.build-linux'), 'none'],
    ['a cross-compiling set', file('pkgsCross.aarch64-multiplatform.hello'), 'none'],
    ['a triple', file('cross.aarch64-unknown-linux-gnu'), 'none'],
    ['a package', flake('packages.x86_64-linux.x'), 'error x86_64-linux'],
    ['a package in quotes', flake('packages."x86_64-linux".x'), 'error x86_64-linux'],
    ['a package from the top', flake('.packages.x86_64-linux.x'), 'error x86_64-linux'],
    ['a set below a package', flake('legacyPackages.x86_64-linux.pkgsCross.x'), 'error x86_64-linux'],
    ['a job', flake('hydraJobs.tests.x.i686-linux'), 'error i686-linux'],
    ['the default package', flake(''), 'error aarch64-darwin'],
    ['what Nix has to look for', flake('hello'), 'none'],
    ['a machine that is called so', flake('nixosConfigurations.x86_64-linux'), 'none'],
  ] as const) {
    test(`of ${what}`, () => {
      const named = namedSystem(target, 'aarch64-darwin');
      assert.equal(named ? `${named.severity} ${named.system}` : 'none', expected);
    });
  }
});

/** `severity needed explanation` of the root alone. */
async function judgeOf(
  spec: Omit<DerivationSpec, 'name'>,
  request: { target?: EvaluationTarget; expect?: string },
): Promise<string[]> {
  using store = new SyntheticStore();
  const graph = await loadClosure(store.add({ name: 'root', ...spec }).drvPath);
  const { expect } = request;
  const intention = {
    request: { target: request.target ?? file(''), ...(expect !== undefined && { expect }) },
    evaluatedAs: 'x86_64-linux',
  };
  const { faults } = atOnce(judgeIntended(graph, linux, intention, new StoreTexts(graph).variablesOf));
  return faults.map(({ severity, needs, runsOn }) => `${severity} ${needs.join()} ${runsOn}`);
}

const mac = { system: 'x86_64-darwin', env: { stdenv: '/none' } };
const toArm = {
  env: {
    stdenv: '/none',
    configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
  },
};

describe('what was asked for', () => {
  for (const [what, spec, expect, expected] of [
    ['the same system', {}, 'x86_64-linux', []],
    ['another kernel', mac, 'x86_64-linux', ['error x86_64-linux x86_64-darwin']],
    ['what runs there as well', { system: 'i686-linux' }, 'x86_64-linux', []],
    ['what does not run the other way', {}, 'i686-linux', ['error i686-linux x86_64-linux']],
    ['what is cross-compiled for it', toArm, 'aarch64-linux', []],
    ['what is cross-compiled for another', toArm, 'x86_64-linux', ['warning x86_64-linux aarch64-linux']],
    [
      'what is cross-compiled for nobody knows what',
      { env: { stdenv: '/none', cmakeFlags: '-DCMAKE_SYSTEM_NAME=Plan9' } },
      'aarch64-linux',
      ['info aarch64-linux x86_64-linux'],
    ],
    ['what Rosetta runs', mac, 'aarch64-darwin', ['info aarch64-darwin x86_64-darwin']],
    ['fixed content', { ...mac, outputHash: ['sha256', '00'] }, 'x86_64-linux', []],
    ['a builtin builder', { system: 'builtin', builder: 'builtin:fetchurl' }, 'x86_64-linux', []],
  ] as const) {
    test(what, async () => {
      assert.deepEqual(await judgeOf(spec, { expect }), expected);
    });
  }

  test('what was evaluated is a fact', async () => {
    using store = new SyntheticStore();
    const closure = await loadClosure(store.add({ name: 'root', ...toArm }).drvPath);
    const evaluated = { build: 'x86_64-linux', host: 'aarch64-linux', target: 'aarch64-linux' };
    const graph = closure.withPlatforms(new Map([[closure.root, evaluated]]));
    const intention = {
      request: { target: file(''), expect: 'x86_64-linux' },
      evaluatedAs: 'x86_64-linux',
    };
    const { faults } = atOnce(judgeIntended(graph, linux, intention, new StoreTexts(graph).variablesOf));
    assert.deepEqual(
      faults.map(({ severity, runsOn }) => `${severity} ${runsOn}`),
      ['error aarch64-linux'],
    );
  });

  test('it counts more than a name', async () => {
    const target = flake('packages.x86_64-darwin.image');
    assert.deepEqual(await judgeOf({}, { target }), ['error x86_64-darwin x86_64-linux']);
    assert.deepEqual(await judgeOf({}, { target, expect: 'x86_64-linux' }), []);
  });
});

test('the configuration of an image tells its platform', () => {
  const of = (json: unknown): unknown => parseImageConfig(JSON.stringify(json));
  assert.deepEqual(of({ os: 'linux', architecture: 'arm64', config: { Cmd: ['/x', '-y'] } }), {
    label: 'linux/arm64',
    system: 'aarch64-linux',
    commands: ['/x'],
  });
  assert.deepEqual(
    of({ ociVersion: '1.0.0', platform: { os: 'linux', arch: 'x86_64' }, process: { args: ['/x'] } }),
    { label: 'linux/x86_64', system: 'x86_64-linux', commands: ['/x'] },
  );
  for (const other of [
    { os: 'windows', architecture: 'amd64' },
    { os: 'linux', architecture: 'pdp11' },
    { os: 'linux', architecture: 'constructor' },
    { os: 'linux' },
    ['linux'],
  ])
    assert.equal(of(other), undefined);
  assert.equal(parseImageConfig('{ "os": "linux", '), undefined);
});

describe('images', () => {
  /** An image of a configuration and a layer; `contents` are made before. */
  async function judgeImage(
    make: (store: SyntheticStore) => {
      readonly inputs: DerivationSpec['inputs'];
      readonly text: string;
      readonly commands?: string;
    },
    architecture = 'amd64',
  ): Promise<string[]> {
    using store = new SyntheticStore();
    const { inputs = [], text, commands = '' } = make(store);
    const config = store.add({
      name: 'app-config.json',
      ...mac,
      env: { ...mac.env, text: JSON.stringify({ os: 'linux', architecture, config: {} }) },
    });
    const layer = store.add({
      name: 'docker-layer-app',
      ...mac,
      inputs: [config, ...inputs],
      env: { ...mac.env, baseJson: config.out(), contents: text, extraCommands: commands },
    });
    const image = store.add({
      name: 'docker-image-app.tar.gz',
      ...mac,
      inputs: [config, layer],
      env: {
        ...mac.env,
        imageName: 'app',
        baseJson: config.out(),
        buildCommand: `cp ${layer.out()}/* temp`,
      },
    });
    const graph = await loadClosure(image.drvPath);
    const intention = { request: { target: file('') }, evaluatedAs: 'x86_64-darwin' };
    const { faults, furtherEdges, carryingEdges } = atOnce(
      judgeIntended(graph, linux, intention, new StoreTexts(graph).variablesOf),
    );
    const nameOf = (id: number): string => graph.derivation(id).name;
    return [
      ...faults.map(({ severity, derivation }) => `${severity} ${nameOf(derivation)}`),
      ...furtherEdges.map(
        ({ severity, consumer, input }) => `${severity} ${nameOf(consumer)} → ${nameOf(input)}`,
      ),
      ...carryingEdges.map(({ consumer, input }) => `right ${nameOf(consumer)} → ${nameOf(input)}`),
    ];
  }

  const tool = (store: SyntheticStore, name: string, system: string) =>
    store.add({ name, system, env: { stdenv: '/none' } });

  test('environments, scripts and links are looked through', async () => {
    const found = await judgeImage((store) => {
      const right = tool(store, 'right', 'x86_64-linux');
      const wrong = tool(store, 'wrong', 'x86_64-darwin');
      const unused = tool(store, 'generator', 'x86_64-darwin');
      const script = store.add({
        name: 'start',
        ...mac,
        inputs: [wrong],
        env: { ...mac.env, text: `#!${wrong.out()}/bin/sh\n` },
      });
      const site = store.add({
        name: 'site',
        ...mac,
        inputs: [unused],
        env: { ...mac.env, buildCommand: `${unused.out()}/bin/generate > $out\n` },
      });
      const links = store.add({
        name: 'links',
        ...mac,
        inputs: [right],
        env: { ...mac.env, buildCommand: `mkdir $out\nln -s ${right.out()}/bin/x $out/x\n` },
      });
      const all = [script, site, links];
      const environment = store.add({
        name: 'environment',
        ...mac,
        inputs: all,
        env: {
          ...mac.env,
          buildCommand: 'build',
          pkgs: JSON.stringify([{ paths: all.map((one) => one.out()), priority: 5 }]),
        },
      });
      return { inputs: [environment], text: environment.out() };
    });
    assert.deepEqual(found, ['error start → wrong', 'right links → right']);
  });

  test('a processor that runs the architecture is right', async () => {
    const of = (system: string, architecture: string) =>
      judgeImage((store) => {
        const content = tool(store, 'content', system);
        return { inputs: [content], text: content.out() };
      }, architecture);
    assert.deepEqual(await of('i686-linux', 'amd64'), ['right docker-layer-app → content']);
    assert.deepEqual(await of('armv6l-linux', 'arm'), ['right docker-layer-app → content']);
    assert.deepEqual(await of('x86_64-darwin', 'amd64'), ['error docker-image-app.tar.gz']);
  });

  test('what commands of a layer link is content, what they only run is not', async () => {
    const found = await judgeImage((store) => {
      const right = tool(store, 'right', 'x86_64-linux');
      const linked = tool(store, 'linked', 'x86_64-darwin');
      const run = tool(store, 'run', 'x86_64-darwin');
      return {
        inputs: [right, linked, run],
        text: right.out(),
        commands: `${run.out()}/bin/run > x\nln -s ${linked.out()}/bin/x bin/x`,
      };
    });
    assert.deepEqual(found, ['error docker-layer-app → linked', 'right docker-layer-app → right']);
  });
});
