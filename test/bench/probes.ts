import { connectNix } from '../../server/src/evaluation/environment.ts';
import { makePlan } from '../../server/src/evaluation/makePlan.ts';
import { runProbed } from '../../server/src/evaluation/probedRun.ts';
import { collectWorkspaceFiles, SourceFileCache } from '../../server/src/evaluation/workspaceFiles.ts';
import { evaluateFileDrvPath } from '../../server/src/nix/evaluate.ts';
import { milliseconds, median, printRow } from '../support/benchmark.ts';
import { testParser } from '../support/parser.ts';
import { openWorkspace } from '../support/workspace.ts';

/**
 * A workspace of 100 files that name packages of a set of 2,000, as a NixOS
 * configuration does: what the probes cost, copies included, next to the same
 * evaluation without them.
 */
const fileCount = 100;
const namesPerFile = 48;
const packageCount = 2000;

/**
 * A derivation of nixpkgs has about 2.7 KB of text and a handful of inputs, and
 * costs 0.4 ms (hydra's closure) to 2 ms (a NixOS system) of evaluation; `work`
 * stands for what mkDerivation and the module system do for each.
 */
const packages = `
{ system ? builtins.currentSystem }:
let
  stdenv = { buildPlatform.system = system; hostPlatform.system = system; inherit system; };
  set = builtins.listToAttrs (builtins.genList (n: { name = "p\${toString n}"; value = make n; }) ${packageCount});
  text = builtins.concatStringsSep "\n" (builtins.genList (n: "line \${toString n} of a build script, as long as such lines are") 45);
  work = n: builtins.foldl' (sum: i: sum + builtins.stringLength (toString (n + i))) 0 (builtins.genList (i: i) 1200);
  make = n: derivation {
    checked = work n;
    name = "p\${toString n}"; inherit system; builder = "/bin/sh"; buildCommand = text;
    buildInputs = builtins.genList (i: set."p\${toString (n / (i + 2))}") (if n < 2 then 0 else 5);
  };
in set // { inherit stdenv; buildEnv = name: paths: derivation { inherit name system paths; builder = "/bin/sh"; }; }
`;
const part = (index: number): string => {
  const name = (n: number): string => `p${(index * 7 + n * 41) % packageCount}`;
  const names = Array.from({ length: namesPerFile }, (_, n) => (n % 2 === 0 ? name(n) : `pkgs.${name(n)}`));
  return `{ pkgs }: with pkgs; { paths = [ ${names.join(' ')} ]; tool = pkgs.${name(0)}; }`;
};

await using workspace = await openWorkspace({
  files: {
    'packages/pkgs/top-level/all-packages.nix': packages,
    'default.nix': `
      let pkgs = import ./packages/pkgs/top-level/all-packages.nix { };
      in pkgs.buildEnv "root" (builtins.concatLists [ ${Array.from({ length: fileCount }, (_, n) => `(import ./parts/${n}.nix { inherit pkgs; }).paths`).join(' ')} ])`,
    ...Object.fromEntries(Array.from({ length: fileCount }, (_, n) => [`parts/${n}.nix`, part(n)])),
  },
  arguments: [],
});
const { request, options } = workspace;
if (request.target.kind !== 'file') throw new Error('the target is a file');
const environment = await connectNix({ parser: testParser })();
const plan = makePlan(request, environment, options);
const { layout, entries } = await plan.workspace(options.signal);
const files = await collectWorkspaceFiles(
  entries,
  { ...layout, overlays: new Map() },
  new SourceFileCache(await testParser()),
);

const plain: number[] = [];
const probed: number[] = [];
let placed = 0;
for (let run = 0; run < 7; run += 1) {
  let start = performance.now();
  const { drvPath } = await evaluateFileDrvPath(environment.nix, request.target, {
    cwd: workspace.root,
    ...options.limits,
  });
  plain.push(performance.now() - start);
  start = performance.now();
  const outcome = await runProbed(plan, layout, files, 'full', options.signal);
  probed.push(performance.now() - start);
  if (!outcome.ok) throw new Error(outcome.reason);
  if (outcome.run.drvPath !== drvPath) throw new Error('the probed evaluation has another root');
  placed = outcome.run.probes.size;
}
const ratio = median(probed) / median(plain);
printRow({
  subject: `probed evaluation, ${fileCount} files, ${placed.toLocaleString('en')} probes, copies included`,
  measured: `${ratio.toFixed(2)} ×`,
  reference: `plain evaluation ${milliseconds(median(plain))}`,
  goal: '≤ 1.15 ×',
  met: ratio <= 1.15,
});
