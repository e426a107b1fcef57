import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../server/src/model/report.ts';
import type { Derivation } from '../../server/src/model/derivation.ts';
import { decodeReport, encodeReport } from '../../server/src/storage/reportCodec.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { evaluateWorkspace } from '../support/workspace.ts';

/** Evaluates an expression as the `default.nix` of a workspace that cross-compiles. */
function evaluateCross(expression: string, nixDirectory?: string): Promise<Report> {
  return evaluateWorkspace(
    {
      files: {
        'default.nix': `
          { set }:
          let
            native = import set { system = "x86_64-linux"; };
            pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };
          in ${expression}`,
      },
    },
    { as: 'x86_64-linux', ...(nixDirectory === undefined ? {} : { nixDirectory }) },
  );
}

function named({ graph }: Report, name: string): Derivation {
  for (let id = 0; id < graph.size; id += 1) {
    if (graph.derivation(id).name === name) return graph.derivation(id);
  }
  throw new Error(`${name} is not in the closure`);
}

/** In the order of their texts: leaks that weigh the same come in that of store paths. */
function findings({ leaks, graph }: Report): string[] {
  const found = leaks.flatMap(({ edges }) =>
    edges.map(
      ({ severity, rule, consumer, input }) =>
        `${severity} ${rule}: ${graph.derivation(consumer).name} → ${graph.derivation(input).name}`,
    ),
  );
  return found.sort();
}

for (const { version, directory } of nixVersions()) {
  test(`what a probe saw has evaluated platforms, all else inferred ones, with Nix ${version}`, async () => {
    const report = await evaluateCross(
      'pkgs.stdenv.mkDerivation { name = "root"; buildInputs = [ pkgs.git ]; }',
      directory,
    );
    assert.equal(report.probes.level, 0, report.probes.fallbackReason);
    const hosts = ['root', 'git', 'hello'].map((name) => named(report, name).host);
    const host = { kind: 'system', system: 'aarch64-linux' };
    assert.deepEqual(hosts, [
      { ...host, certainty: 'evaluated' },
      { ...host, certainty: 'evaluated' },
      { ...host, certainty: 'inferred' },
    ]);
  });
}

test('a mistake in the own files is an error, one within the package set a warning', async () => {
  const report = await evaluateCross(
    'pkgs.stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ pkgs.jq ]; buildInputs = [ pkgs.careless native.vim ]; }',
  );
  assert.deepEqual(findings(report), [
    'error build-platform: root → jq',
    'error host-platform: root → vim',
    'warning build-platform: careless → hello',
  ]);
});

test('the stdenv that a package was made with counts, not another that it has', async () => {
  const report = await evaluateCross(
    'pkgs.stdenv.mkDerivation { name = "root"; passthru.stdenv = native.stdenv; buildInputs = [ (native.vim // { inherit (pkgs) stdenv; }) ]; }',
  );
  assert.deepEqual(named(report, 'root').host, {
    kind: 'system',
    system: 'aarch64-linux',
    certainty: 'evaluated',
  });
  assert.deepEqual(named(report, 'vim').host, {
    kind: 'system',
    system: 'x86_64-linux',
    certainty: 'evaluated',
  });
});

test('a derivation whose system is not that of its stdenv keeps what it says of itself', async () => {
  const report = await evaluateCross(
    'native.stdenv.mkDerivation { name = "root"; paths = [ (derivation (pkgs.vim.drvAttrs // { system = "i686-linux"; name = "other"; configureFlags = [ ]; })) ]; }',
  );
  assert.deepEqual(named(report, 'other').host, {
    kind: 'system',
    system: 'i686-linux',
    certainty: 'inferred',
  });
});

test('a compiler has a target platform, and what it needs for it is judged', async () => {
  const report = await evaluateCross(
    `let cross = import set { system = "x86_64-linux"; targetSystem = "aarch64-linux"; };
     in cross.stdenv.mkDerivation {
       name = "root";
       suffixSalt = "aarch64_linux";
       nativeBuildInputs = [ cross.cc cross.vim ];
       depsTargetTarget = [ pkgs.jq native.git ];
     }`,
  );
  const target = { system: 'aarch64-linux', certainty: 'evaluated' };
  assert.deepEqual(named(report, 'root').target, target);
  assert.deepEqual(named(report, 'cc-wrapper').target, target);
  assert.equal(named(report, 'vim').target, undefined);
  assert.deepEqual(findings(report), ['error target-platform: root → git']);
  assert.match(
    report.leaks[0]?.explanation ?? '',
    /root needs it \(depsTargetTarget\) for what it makes, which runs on aarch64-linux$/,
  );

  const kept = await decodeReport(await encodeReport({ key: '', madeAt: new Date(0), report }));
  assert.deepEqual(named(kept.report, 'root').target, target);
  assert.equal(named(kept.report, 'vim').target, undefined);
});
