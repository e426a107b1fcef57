import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Editor } from '../server/support/editor.ts';
import { median, milliseconds, printRow } from '../support/benchmark.ts';

/*
 * From a save to the diagnostics, in a real client of the built server, next to
 * the bare `nix-instantiate` of the same target; in turns, from the median.
 *
 *   node test/bench/save.ts [DIRECTORY FILE ATTRIBUTE SYSTEM [NAME=EXPRESSION …]]
 *
 * Without arguments it makes a workspace with a leak and a closure of 2,000.
 */
interface Subject {
  /** A workspace that may be written to. */
  readonly root: string;
  readonly file: string;
  readonly attribute: string;
  readonly system: string;
  readonly arg: Readonly<Record<string, string>>;
}

const runs = 9;

/** A derivation of nixpkgs costs 0.4 ms (hydra's closure) to 2 ms (a NixOS system); `work` stands for that. */
const packages = `
{ system ? builtins.currentSystem }:
let
  stdenv = { buildPlatform.system = system; hostPlatform.system = system; inherit system; };
  set = builtins.listToAttrs (builtins.genList (n: { name = "p\${toString n}"; value = make n; }) 1000);
  text = builtins.concatStringsSep "\\n" (builtins.genList (n: "line \${toString n} of a build script, as long as such lines are") 45);
  work = n: builtins.foldl' (sum: i: sum + builtins.stringLength (toString (n + i))) 0 (builtins.genList (i: i) 600);
  make = n: derivation {
    checked = work n;
    name = "p\${toString n}"; inherit system; builder = "/bin/sh"; buildCommand = text;
    buildInputs = builtins.genList (i: set."p\${toString (n / (i + 2))}") (if n < 2 then 0 else 5);
  };
  all = builtins.genList (n: set."p\${toString n}") 1000;
in set // { inherit stdenv; everything = derivation { name = "everything"; inherit system; builder = "/bin/sh"; buildInputs = all; }; }
`;

const release = `let
  pkgs = import ./packages/pkgs/top-level/all-packages.nix { };
  good = import ./packages/pkgs/top-level/all-packages.nix { system = "x86_64-linux"; };
  environment = name: paths: derivation { inherit name paths; system = "x86_64-linux"; builder = "/bin/sh"; };
in
{
  app = environment "app" [ good.everything (environment "tools" [ pkgs.everything ]) ];
}
`;

async function makeSubject(): Promise<Subject> {
  const root = await mkdtemp(join(tmpdir(), 'npl-bench-'));
  const [directory, file, attribute, system, ...given] = process.argv.slice(2);
  if (directory !== undefined && file !== undefined && attribute !== undefined && system !== undefined) {
    await cp(directory, root, { recursive: true });
    const arg = Object.fromEntries(
      given.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
    );
    return { root, file: join(root, file), attribute, system, arg };
  }
  const set = join(root, 'packages/pkgs/top-level');
  await mkdir(set, { recursive: true });
  await writeFile(join(set, 'all-packages.nix'), packages);
  await writeFile(join(root, 'release.nix'), release);
  return { root, file: join(root, 'release.nix'), attribute: 'app', system: 'x86_64-darwin', arg: {} };
}

async function instantiate({ root, file, attribute, system, arg }: Subject): Promise<void> {
  const words = Object.entries(arg).flatMap(([name, expression]) => ['--arg', name, expression]);
  const command = [file, '-A', attribute, '--option', 'system', system, ...words];
  await promisify(execFile)('nix-instantiate', command, { cwd: root });
}

const subject = await makeSubject();
try {
  await using editor = await Editor.start({
    root: subject.root,
    settings: {
      targets: [{ file: subject.file, attribute: subject.attribute, arg: subject.arg }],
      evaluateAs: subject.system,
    },
  });
  await editor.open(subject.file);
  const first = await editor.evaluated();
  if (first.state !== 'done') throw new Error(first.message);

  const atRest = () =>
    editor.until('The end of the run', () => (editor.progress.at(-1) === 'end' ? true : undefined));
  const bare: number[] = [];
  const saved: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    // Until the repairs of the last report were checked, which nobody waits for.
    await atRest();
    let start = performance.now();
    await instantiate(subject);
    bare.push(performance.now() - start);

    await editor.type(subject.file, '\n', '\n');
    const seen = editor.statuses.length;
    start = performance.now();
    await editor.save(subject.file);
    // It is sent together with the diagnostics.
    await editor.status(({ state, stale }) => state === 'done' && !stale, seen);
    saved.push(performance.now() - start);
  }
  const ratio = median(saved) / median(bare);
  const { summary } = await editor.evaluated();
  printRow({
    subject: `save to diagnostics, ${(summary?.derivations ?? 0).toLocaleString('en')} derivations, ${summary?.leaks ?? 0} leaks`,
    measured: `${ratio.toFixed(2)} × (${milliseconds(median(saved))})`,
    reference: `nix-instantiate ${milliseconds(median(bare))}`,
    goal: '≤ 1.3 ×',
    met: ratio <= 1.3,
  });
} finally {
  await rm(subject.root, { recursive: true, force: true });
}
