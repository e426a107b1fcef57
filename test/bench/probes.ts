import { lazyNixEnvironment } from '../../server/src/nix/nixEnvironment.ts';
import { makePlan } from '../../server/src/running/makePlan.ts';
import { runProbed } from '../../server/src/running/probedRun.ts';
import { collectWorkspaceFiles, SourceFileCache } from '../../server/src/probing/workspaceFiles.ts';
import { evaluateFileDrvPath } from '../../server/src/nix/evaluate.ts';
import { milliseconds, median, printRow } from '../support/benchmark.ts';
import { testParser } from '../support/parser.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

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

/** A NixOS configuration of a hundred modules, with a nixpkgs that the caller names. */
const modules = Array.from({ length: fileCount }, (_, n) => `./modules/${n}.nix`);
const tools =
  'bash coreutils findutils gnugrep gnused gawk gnutar gzip bzip2 xz curl wget git vim nano htop tmux screen tree jq file which less ' +
  'rsync openssh openssl perl python3 ruby lua gcc gnumake cmake pkg-config autoconf automake libtool gettext bison flex sqlite zlib ncurses readline';
const moduleText = (index: number): string => `
  { config, lib, pkgs, ... }: {
    environment.systemPackages = with pkgs; [ ${tools} ];
    environment.etc."tool-${index}".text = "\${pkgs.hello}/bin/hello \${lib.getBin pkgs.curl}";
  }`;
const nixos: Workspace = {
  files: {
    'default.nix':
      '{ nixpkgs }: (import (nixpkgs + "/nixos/lib/eval-config.nix") { system = "x86_64-linux"; modules = [ ./configuration.nix ]; }).config.system.build.toplevel',
    'configuration.nix': `{ ... }: { imports = [ ${modules.join(' ')} ]; boot.isContainer = true; }`,
    ...Object.fromEntries(modules.map((name, n) => [name.slice(2), moduleText(n)])),
  },
};

const inSmall: Workspace = {
  files: {
    'packages/pkgs/top-level/all-packages.nix': packages,
    'default.nix': `
      let pkgs = import ./packages/pkgs/top-level/all-packages.nix { };
      in pkgs.buildEnv "root" (builtins.concatLists [ ${Array.from({ length: fileCount }, (_, n) => `(import ./parts/${n}.nix { inherit pkgs; }).paths`).join(' ')} ])`,
    ...Object.fromEntries(Array.from({ length: fileCount }, (_, n) => [`parts/${n}.nix`, part(n)])),
  },
  arguments: [],
};

await compare('probed evaluation', inSmall, 7);
const nixpkgs = process.env['NIX_PLATFORM_LENS_NIXPKGS'];
if (nixpkgs !== undefined) await compare('probed NixOS', { ...nixos, arguments: [['nixpkgs', nixpkgs]] }, 3);

async function compare(what: string, files: Workspace, runs: number): Promise<void> {
  await using workspace = await openWorkspace(files);
  const { request, options } = workspace;
  if (request.target.kind !== 'file') throw new Error('the target is a file');
  const environment = await lazyNixEnvironment({ parser: testParser })();
  const plan = makePlan(request, environment, options);
  const { layout, entries } = await plan.workspace(options.signal);
  const sources = await collectWorkspaceFiles(
    entries,
    { ...layout, overlays: new Map() },
    new SourceFileCache(await testParser()),
  );

  const plain: number[] = [];
  const probed: number[] = [];
  let placed = 0;
  for (let run = 0; run < runs; run += 1) {
    let start = performance.now();
    const { drvPath } = await evaluateFileDrvPath(environment.nix, request.target, {
      cwd: workspace.root,
      ...options.limits,
    });
    plain.push(performance.now() - start);
    start = performance.now();
    const outcome = await runProbed(
      plan,
      { ...layout, overlays: new Map() },
      sources,
      'full',
      options.signal,
    );
    probed.push(performance.now() - start);
    if (!outcome.ok) throw new Error(outcome.reason);
    if (outcome.run.drvPath !== drvPath) throw new Error('the probed evaluation has another root');
    placed = outcome.run.probes.size;
  }
  const ratio = median(probed) / median(plain);
  printRow({
    subject: `${what}, ${fileCount} files, ${placed.toLocaleString('en')} probes, copies included`,
    measured: `${ratio.toFixed(2)} ×`,
    reference: `plain evaluation ${milliseconds(median(plain))}`,
    goal: '≤ 1.15 ×',
    met: ratio <= 1.15,
  });
}
