import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { judgeClosure } from '../../server/src/check/judge.ts';
import type { DerivationGraph } from '../../server/src/model/derivationGraph.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { median, milliseconds, printRow } from '../support/benchmark.ts';
import { SyntheticStore, type StoredDerivation } from '../support/syntheticStore.ts';

const context = { localSystem: 'x86_64-linux', extraPlatforms: ['i686-linux'] };

async function loadAndJudge(drvPath: string): Promise<DerivationGraph> {
  const graph = await loadClosure(drvPath);
  judgeClosure(graph, context);
  return graph;
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * A closure like hydra's in the real store: for each derivation five input
 * derivations in variables with roles, 28 variables, 2.7 KB of text with four
 * escaped quotes.
 */
const expression = `
let
  count = 2000;
  phase = builtins.concatStringsSep "\\n" (builtins.genList (n: "install -m 644 file-\${toString n} $out/share/file") 17);
  empty = builtins.listToAttrs (map (name: { inherit name; value = ""; }) [
    "depsBuildBuild" "depsBuildBuildPropagated" "depsBuildTarget" "depsBuildTargetPropagated" "depsHostHost"
    "depsHostHostPropagated" "depsTargetTarget" "depsTargetTargetPropagated" "doCheck" "doInstallCheck"
    "propagatedBuildInputs" "propagatedNativeBuildInputs" "strictDeps" "patches" "dontStrip"
  ]);
  make = n: derivation (empty // {
    name = "package-\${toString n}-1.0";
    pname = "package-\${toString n}";
    version = "1.0";
    system = if n > 9 && n < 13 then "x86_64-darwin" else "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-e" ];
    stdenv = if n == 0 then "" else builtins.elemAt packages 0;
    buildInputs = map (i: builtins.elemAt packages (n / (i + 1))) (if n < 8 then [ ] else [ 1 2 ]);
    nativeBuildInputs = map (i: builtins.elemAt packages (n - i)) (if n < 8 then [ ] else [ 1 7 ]);
    configureFlags = [ "--with-x=\\"y\\"" "--enable-shared" ];
    buildPhase = phase;
    installPhase = "echo \\"x\\"\\n" + phase;
    enableParallelBuilding = true;
  });
  packages = builtins.genList make count;
in builtins.elemAt packages (count - 1)
`;

async function compareWithNix(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lens-bench-'));
  writeFileSync(join(folder, 'default.nix'), expression);
  const root = execFileSync('nix-instantiate', [folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  rmSync(folder, { recursive: true });

  const show = showCommand(root);
  const ours: number[] = [];
  const theirs: number[] = [];
  let graph: DerivationGraph | undefined;
  const first = await timed(async () => (graph = await loadAndJudge(root)));
  // The language server reads closures all day long: the compiler of V8 gets its time.
  for (let run = 0; run < 8; run++) await loadAndJudge(root);
  for (let run = 0; run < 21; run++) {
    theirs.push(
      await timed(
        () => JSON.parse(execFileSync('nix', show, { encoding: 'utf8', maxBuffer: 2 ** 30 })) as unknown,
      ),
    );
    ours.push(await timed(() => loadAndJudge(root)));
  }
  if (graph === undefined) throw new Error('nothing was read');
  const ratio = median(theirs) / median(ours);
  printRow({
    subject: `closure of ${graph.size.toLocaleString('en')} derivations and ${graph.edgeCount.toLocaleString('en')} edges: read and judged`,
    measured: `${milliseconds(median(ours))} (first time ${milliseconds(first)}), ${ratio.toFixed(1)} × faster`,
    reference: `nix ${show[0] === 'derivation' ? 'derivation show' : 'show-derivation'} -r, parsed: ${milliseconds(median(theirs))}`,
    goal: '≥ 4 ×',
    met: ratio >= 4,
  });
}

function showCommand(root: string): string[] {
  const rest = ['--extra-experimental-features', 'nix-command', '-r', root];
  const { status } = spawnSync('nix', ['derivation', 'show', ...rest], { stdio: 'ignore' });
  return status === 0 ? ['derivation', 'show', ...rest] : ['show-derivation', ...rest];
}

/** What mkDerivation adds to what is cross-compiled. */
const crossEnv = {
  stdenv: '/none',
  configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
};

/** A closure of this size: five input derivations each, 1 KB of text; of a cross-compiled one, every second is. */
function writeClosure(store: SyntheticStore, count: number, isCross = false): StoredDerivation {
  const text = 'echo "a line of a build script" >> $out/log\n'.repeat(22);
  const packages: StoredDerivation[] = [];
  for (let n = 0; n < count; n++) {
    const inputs =
      n < 8 ? packages.slice(0, n) : [1, 7, n >> 1, n - 1, n - 2].map((back) => packages[n - back]);
    const known = [...new Set(inputs)].filter((input) => input !== undefined);
    packages.push(
      store.add({
        name: `package-${n}`,
        system: n > 9 && n < 13 ? 'x86_64-darwin' : 'x86_64-linux',
        inputs: known,
        env: {
          buildInputs: known.map((input) => input.out()).join(' '),
          buildPhase: text,
          ...(isCross && n % 2 === 1 && crossEnv),
        },
      }),
    );
  }
  const root = packages.at(-1);
  if (root === undefined) throw new Error('an empty closure');
  return root;
}

async function measureGrowth(): Promise<void> {
  const perEdge: number[] = [];
  for (const [count, runs] of [
    [1_000, 15],
    [10_000, 7],
    [100_000, 3],
  ] as const) {
    using store = new SyntheticStore();
    const { drvPath } = writeClosure(store, count);
    let graph = await loadAndJudge(drvPath);
    const times: number[] = [];
    for (let run = 0; run < runs; run++)
      times.push(await timed(async () => (graph = await loadAndJudge(drvPath))));
    perEdge.push((median(times) * 1e6) / graph.edgeCount);
    printRow({
      subject: `closure of ${graph.size.toLocaleString('en')} derivations in a synthetic store`,
      measured: milliseconds(median(times)),
      reference: `${Math.round(perEdge.at(-1) ?? 0).toLocaleString('en')} ns per edge`,
      ...(count === 100_000 && { goal: 'linear (≤ 1.5 × per edge)', met: isLinear(perEdge) }),
    });
  }
}

/** The judgement alone: of a graph that has been read. */
async function measureJudging(kind: 'native' | 'cross-compiled'): Promise<void> {
  const perEdge: number[] = [];
  for (const [count, runs] of [
    [1_000, 31],
    [10_000, 15],
    [100_000, 5],
  ] as const) {
    using store = new SyntheticStore();
    const graph = await loadClosure(writeClosure(store, count, kind === 'cross-compiled').drvPath);
    const times: number[] = [];
    let leaks = 0;
    for (let run = 0; run < runs; run++)
      times.push(await timed(() => (leaks = judgeClosure(graph, context).leaks.length)));
    perEdge.push((median(times) * 1e6) / graph.edgeCount);
    printRow({
      subject: `${kind} closure of ${graph.size.toLocaleString('en')} derivations and ${graph.edgeCount.toLocaleString('en')} edges: judged`,
      measured: `${milliseconds(median(times))}, ${leaks.toLocaleString('en')} leaks`,
      reference: `${Math.round(perEdge.at(-1) ?? 0).toLocaleString('en')} ns per edge`,
      ...(count === 100_000 && { goal: 'linear (≤ 1.5 × per edge)', met: isLinear(perEdge) }),
    });
  }
}

/** The largest closure costs per edge hardly more than the one of a tenth of its size. */
function isLinear(perEdge: readonly number[]): boolean {
  return (perEdge.at(-1) ?? 0) <= 1.5 * (perEdge.at(-2) ?? 0);
}

await compareWithNix();
await measureGrowth();
await measureJudging('native');
await measureJudging('cross-compiled');
