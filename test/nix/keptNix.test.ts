import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Report } from '../../server/src/model/report.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import { probeLevels } from '../../server/src/probing/probes.ts';
import type { EvaluationRequest } from '../../server/src/model/target.ts';
import { openFlake } from '../support/flakeWorkspace.ts';
import { processesWith, until } from '../support/nixProcesses.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { expectReport, openWorkspace, type OpenWorkspace, type Workspace } from '../support/workspace.ts';

/** A folder with the programs of a Nix, which writes down each start of `nix-instantiate`. */
interface WatchedNix extends AsyncDisposable {
  readonly directory: string;
  starts(): Promise<number>;
}

async function watchNix(directory: string): Promise<WatchedNix> {
  const folder = await mkdtemp(join(tmpdir(), 'npl-watched-'));
  const log = join(folder, 'log');
  await writeFile(log, '');
  const { commands } = await findNix({ directory });
  const programs = { 'nix-instantiate': commands.nixInstantiate, nix: commands.nix };
  for (const [name, program] of Object.entries(programs)) {
    const note = name === 'nix' ? '' : `[ "$1" = --version ] || echo start >> '${log}'\n`;
    await writeFile(join(folder, name), `#!/bin/sh\n${note}exec '${program ?? ''}' "$@"\n`);
    await chmod(join(folder, name), 0o755);
  }
  return {
    directory: folder,
    starts: async () => (await readFile(log, 'utf8')).split('\n').length - 1,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The same workspace for Nixes that do not stay. */
function alone(open: OpenWorkspace): OpenWorkspace {
  const { workspaceRoots, directory, signal, limits } = open.options;
  return { ...open, options: { workspaceRoots, directory, signal, limits } };
}

/** The roots of a workspace with each of some texts in the place of a file; undefined for one that does not evaluate. */
async function rootsWith(
  { evaluator, request, options, root }: OpenWorkspace,
  report: Report,
  texts: readonly string[],
  file = 'default.nix',
): Promise<(string | undefined)[]> {
  const level = probeLevels[report.probes.level ?? -1];
  assert.ok(level !== undefined);
  const roots: (string | undefined)[] = [];
  for (const text of texts)
    roots.push(await evaluator.rootWith(request, new Map([[join(root, file), text]]), level, options));
  return roots;
}

const tool = (set: string, more = ''): string => `{ set }:
let
  pkgs = import set { system = "x86_64-linux"; };
  mac = ${set};
in
pkgs.stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ mac.jq ]; ${more} }`;

/** What is evaluated after the first text: package sets with all kinds of arguments. */
const variants = [
  tool('import set { system = "aarch64-linux"; }'),
  tool('import set { inherit (pkgs) system; }'),
  tool('import set { overlays = [ ]; system = "x86_64-" + "darwin"; }'),
  tool('import set { overlays = [ (final: prev: { jq = prev.hello; }) ]; }'),
  tool('import set { }'),
  tool('import set { system = throw "no"; }'),
  tool('import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; }'),
  tool('let import = file: given: pkgs; in import set { }'),
  tool('import set { system = "x86_64-darwin"; }', 'text = "${mac.hello}";'),
];

for (const { version, directory } of nixVersions()) {
  describe(`a Nix ${version} that stays`, () => {
    test('gives the root that another one gives, whatever the text is', async () => {
      await using watched = await watchNix(directory);
      const files = { 'default.nix': tool('import set { system = "x86_64-darwin"; }') };
      await using open = await openWorkspace({ files }, { nixDirectory: watched.directory });
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      assert.equal(report.probes.level, 0);
      assert.equal(await watched.starts(), 1, 'the plain evaluation');
      const roots = await rootsWith(open, report, variants);
      const failing = roots.filter((root) => root === undefined).length;
      assert.ok(failing > 0 && failing < variants.length);
      // Where it fails, another one is asked.
      assert.equal(await watched.starts(), 1 + failing);
      assert.deepEqual(await rootsWith(alone(open), report, variants), roots);
      assert.equal(await watched.starts(), 1 + failing + variants.length);
    });

    test('is asked nothing that it cannot tell, and what was killed is not missed', async () => {
      const text = `{ set }:\nlet pkgs = import set { system = "x86_64-linux"; }; in pkgs.jq`;
      await using watched = await watchNix(directory);
      await using open = await openWorkspace(
        { files: { 'default.nix': text } },
        { nixDirectory: watched.directory },
      );
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      const [before] = await rootsWith(open, report, [text]);
      assert.equal(before, report.graph.derivation(report.graph.root).drvPath);
      assert.equal(await watched.starts(), 1);
      const kept = open.options.kept?.of(open.request);
      assert.ok(kept);
      await kept[Symbol.asyncDispose]();
      assert.equal(open.options.kept?.of(open.request), undefined);
      assert.deepEqual(await rootsWith(open, report, [text]), [before]);
      assert.equal(await watched.starts(), 2);
    });
  });
}

/** Values of files of which the language cannot say how `nix-instantiate` calls them, and others. */
const calls: Readonly<
  Record<string, { readonly workspace: Workspace; readonly attribute?: string; readonly starts: number }>
> = {
  'a function with an ellipsis, and arguments that it does not name': {
    workspace: {
      files: { 'default.nix': '{ ... }@given: (import given.set { system = "x86_64-linux"; }).jq' },
    },
    starts: 3,
  },
  'functions with defaults on the way to the attribute': {
    workspace: {
      files: {
        'default.nix':
          '{ set }: { a = { set, name ? "jq" }: { b = (import set { system = "x86_64-linux"; }).${name}; }; }',
      },
    },
    attribute: 'a.b',
    starts: 1,
  },
  'a set that is a function': {
    workspace: {
      files: {
        'default.nix': '{ __functor = self: { set }: (import set { system = "x86_64-linux"; }).jq; }',
      },
    },
    starts: 3,
  },
  'a function that gives another one': {
    workspace: {
      files: {
        'default.nix': '{ set }: { a = { set }: { set }: (import set { system = "x86_64-linux"; }).jq; }',
      },
    },
    attribute: 'a',
    starts: 0,
  },
};

describe('what a Nix that stays is not told how to call, another one evaluates', () => {
  for (const [name, { workspace, attribute, starts }] of Object.entries(calls)) {
    test(name, async () => {
      const [{ directory } = { directory: '' }] = nixVersions();
      await using watched = await watchNix(directory);
      await using open = await openWorkspace(workspace, {
        nixDirectory: watched.directory,
        ...(attribute !== undefined && { attribute }),
      });
      const outcome = await open.evaluator.run(open.request, open.options);
      if (starts === 0) {
        assert.equal(outcome.kind, 'failed');
        return;
      }
      const report = expectReport(outcome);
      assert.equal(report.probes.level, 0);
      const text = workspace.files['default.nix'] ?? '';
      const roots = await rootsWith(open, report, [text]);
      assert.deepEqual(roots, [report.graph.derivation(report.graph.root).drvPath]);
      assert.equal(await watched.starts(), starts);
    });
  }
});

test('of a flake and of an expression it gives the root that another one gives', async () => {
  const flake = (packages: string): string => `  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.default =
      let pkgs = nixpkgs.legacyPackages.x86_64-linux; in
      pkgs.stdenv.mkDerivation { name = "root"; src = ./.; nativeBuildInputs = [ (${packages}).jq ]; };
  };`;
  const texts = [
    'nixpkgs.legacyPackages.x86_64-darwin',
    'import nixpkgs { system = "x86_64-linux"; }',
    'self',
  ];
  await using open = await openFlake(flake('nixpkgs.legacyPackages.aarch64-linux'), 'default');
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  assert.equal(report.probes.level, 0);
  const kept = open.options.kept?.of(open.request);
  assert.ok(kept?.confirmed);
  const whole = report.sources.get(join(open.root, 'flake.nix')) ?? '';
  const overlays = texts.map((text) => whole.replace('nixpkgs.legacyPackages.aarch64-linux', text));
  const roots = await rootsWith(open, report, overlays, 'flake.nix');
  assert.deepEqual(await rootsWith(alone(open), report, overlays, 'flake.nix'), roots);
  assert.deepEqual(
    roots.map((root) => root !== undefined),
    [true, true, false],
  );

  const text = '(import ./default.nix { set = SET; }).jq';
  await using other = await openWorkspace({
    files: { 'default.nix': '{ set }: import set { system = "x86_64-linux"; }' },
  });
  const { target } = other.request;
  const [, set = ''] = target.kind === 'file' ? (target.arguments.arg[0] ?? []) : [];
  const request: EvaluationRequest = {
    target: {
      kind: 'expression',
      expression: text.replace('SET', set),
      attribute: '',
      directory: other.root,
      arguments: { arg: [], argstr: [], include: [], option: [] },
    },
  };
  const asked = { ...other, request };
  const ofExpression = expectReport(await other.evaluator.run(request, other.options));
  assert.ok(other.options.kept?.of(request)?.confirmed);
  const variant = ['{ set }: import set { system = "x86_64-darwin"; }'];
  assert.deepEqual(
    await rootsWith(asked, ofExpression, variant),
    await rootsWith(alone(asked), ofExpression, variant),
  );
});

test('with a workspace, its Nix ends', async () => {
  const mark = `npl-kept-${process.pid}`;
  process.env['NPL_TEST_MARK'] = mark;
  try {
    const text = '{ set }: (import set { system = "x86_64-linux"; }).jq';
    {
      await using open = await openWorkspace({ files: { 'default.nix': text } });
      expectReport(await open.evaluator.run(open.request, open.options));
      assert.ok(open.options.kept?.of(open.request));
      assert.ok(processesWith(mark).some((id) => id !== process.pid));
    }
    await until('its Nix has ended', () => processesWith(mark).every((id) => id === process.pid));
  } finally {
    delete process.env['NPL_TEST_MARK'];
  }
});
