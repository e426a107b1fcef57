import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixesOf } from '../support/fixes.ts';
import { policed } from '../support/policed.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

const pkgs = `pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };`;

/** A file whose value is a package, which has something that runs on the build platform only. */
const root = (attributes: string, before = ''): string => `{ set }:
let
  ${pkgs}
  shell = pkgs.buildPackages.hello;
${before}in
pkgs.stdenv.mkDerivation {
  name = "root";
  inherit shell;
${attributes}
}`;

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly rule: string;
  /** `file:line text` of all places, the one to repair first at the front. */
  readonly origins: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'a line of a phase starts a compiler that is not there',
    files: { 'default.nix': root("  buildPhase = ''\n    echo start\n    gcc gen.c -o gen\n  '';") },
    rule: 'missing-compiler',
    origins: ['default.nix:11 gcc gen.c -o gen'],
  },
  {
    name: 'of a line with an interpolation the same',
    files: { 'default.nix': root('  buildPhase = "echo; gcc ${./gen.c} -o gen";'), 'gen.c': 'int x;' },
    rule: 'missing-compiler',
    origins: ['default.nix:9 echo; gcc ${./gen.c} -o gen'],
  },
  {
    name: 'one flag of several',
    files: { 'default.nix': root('  makeFlags = [\n    "prefix=/x"\n    "CC=gcc"\n    "LD=${shell}"\n  ];') },
    rule: 'missing-compiler',
    origins: ['default.nix:11 CC=gcc'],
  },
  {
    name: 'a phase that is bound elsewhere in the file',
    files: {
      'default.nix': root('  inherit buildPhase;', "  buildPhase = ''\n    gcc gen.c -o gen\n  '';\n"),
    },
    rule: 'missing-compiler',
    origins: ['default.nix:6 gcc gen.c -o gen'],
  },
  {
    name: 'a phase that is computed: all that it is given',
    files: {
      'default.nix': root('  buildPhase = builtins.substring 1 9 "xgcc x.c";'),
    },
    rule: 'missing-compiler',
    origins: ['default.nix:9 builtins.substring 1 9 "xgcc x.c"'],
  },
  {
    name: 'a package file starts what it has installed, and is not blamed where it is called',
    files: {
      'default.nix': `{ set }:
let
  ${pkgs}
in
pkgs.callPackage ./root.nix { }`,
      'root.nix': `{ stdenv, buildPackages }:
stdenv.mkDerivation {
  name = "root";
  shell = buildPackages.hello;
  GOARCH = "arm64";
  installPhase = ''
    $out/bin/root completion bash > x
    echo between
    $out/bin/root completion fish > y
  '';
}`,
    },
    rule: 'own-program',
    origins: ['root.nix:7 $out/bin/root completion bash > x', 'root.nix:9 $out/bin/root completion fish > y'],
  },
  {
    name: 'the script of runCommand, which has no name',
    files: {
      'default.nix': `{ set }:
let
  ${pkgs}
  other = pkgs.runCommand "other" { shell = pkgs.buildPackages.hello; } "gcc x.c";
in
pkgs.runCommand "root" { shell = pkgs.buildPackages.hello; } ''
  gcc x.c
''`,
    },
    rule: 'missing-compiler',
    origins: ['default.nix:7 gcc x.c'],
  },
  {
    name: 'an input that a script runs, and not where a list of inputs has it as well',
    files: { 'default.nix': root('  buildInputs = [ pkgs.jq ];\n  buildPhase = "${pkgs.jq}/bin/jq .";') },
    rule: 'build-script',
    origins: ['default.nix:10 pkgs.jq'],
  },
  {
    name: 'the line that runs an input, and then those that only name it',
    files: {
      'default.nix': root(
        "  buildInputs = [ pkgs.jq ];\n  buildPhase = ''\n    echo ${pkgs.jq}\n    ${pkgs.jq}/bin/jq .\n  '';",
      ),
    },
    rule: 'build-script',
    origins: ['default.nix:12 pkgs.jq', 'default.nix:11 pkgs.jq'],
  },
  {
    name: 'an input that comes in by a variable that a script runs',
    files: { 'default.nix': root('  buildInputs = [ pkgs.jq ];\n  configureScript = "${pkgs.jq}/bin/jq";') },
    rule: 'build-script',
    origins: ['default.nix:10 pkgs.jq'],
  },
];

describe('the place of what a script does wrongly', () => {
  for (const { name, files, rule, origins } of cases) {
    test(name, async () => {
      await using open = await openWorkspace({ files });
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      assert.equal(report.probes.fallbackReason, undefined);
      assert.deepEqual(
        report.leaks.map((leak) => `${leak.severity} ${leak.rule}`),
        [`warning ${rule}`],
      );
      const found = report.leaks.flatMap((leak) =>
        leak.origins.map(({ source, text }) => {
          const { start } = source.range;
          return `${source.file.slice(open.root.length + 1)}:${start.line + 1} ${text}`;
        }),
      );
      assert.deepEqual(found, origins);
      assert.ok(await fixesOf(report, open));
    });
  }
});

test('what a line of a script says is allowed above the binding of its string', async () => {
  const comment = '# nix-platform-lens: allow missing-compiler: the farm has one';
  const phase = "  buildPhase =\n    ''\n      echo start\n      gcc gen.c\n    '';";
  for (const [attributes, isAllowed] of [
    [phase, false],
    [`  ${comment}\n${phase}`, true],
    [phase.replace('=', `= ${comment}`), true],
    [phase.replace('=', `=\n    ${comment}`), true],
    [`  version = "1"; ${comment}\n${phase}`, false],
  ] as const) {
    await using open = await openWorkspace({ files: { 'default.nix': root(attributes) } });
    const report = expectReport(await open.evaluator.run(open.request, open.options));
    const { leaks, suppressed, suppressions } = await policed(report);
    assert.equal(suppressed.length, isAllowed ? 1 : 0, attributes);
    assert.equal(leaks.length, isAllowed ? 0 : 1, attributes);
    const [leak] = report.leaks;
    const place = leak && suppressions.places.get(leak.input);
    const line = report.sources.get(place?.file ?? '')?.split('\n')[place?.range.start.line ?? 0];
    assert.equal(`${place?.before}|${line}`, "    # |    ''");
  }
});
