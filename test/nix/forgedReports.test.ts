import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { decodeProbeReport } from '../../server/src/probing/probes.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import { NixFailure } from '../../server/src/nix/failure.ts';
import { WarmNix } from '../../server/src/nix/warm/warmNix.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { evaluateWorkspace } from '../support/workspace.ts';

/** A closure with one leak, whose program says something on the way. */
const leaking = (says: string, more = ''): string => `{ set }:
let
  foreign = derivation { name = "foreign"; system = "x86_64-darwin"; builder = "/bin/sh"; };
  innocent = "nothing";
  ${more}
in
${says} (derivation {
  name = "root"; system = "x86_64-linux"; builder = "/bin/sh"; stdenv = "/none";
  nativeBuildInputs = [ foreign ];
})
`;

/** What is told of the leak: its rule and the expressions that bring it in. */
async function toldOf(text: string, nixDirectory: string) {
  const report = await evaluateWorkspace(
    { files: { 'default.nix': text } },
    { as: 'x86_64-linux', nixDirectory },
  );
  assert.equal(report.probes.level, 0, report.probes.fallbackReason);
  const names = (ids: readonly number[]) => ids.map((id) => report.graph.derivation(id).name);
  return {
    leaks: report.leaks.map(({ input, rule }) => `${rule} ${report.graph.derivation(input).name}`),
    seen: report.observations.flatMap(({ text: seen, derivations }) =>
      derivations.length > 0 ? [`${seen} = ${names(derivations).join()}`] : [],
    ),
    outside: report.observations.flatMap(({ outside }) => outside ?? []),
    size: report.graph.size,
  };
}

/** Reports as a program can guess them, on every way on which it can print. */
const guesses: Readonly<Record<string, string>> = {
  'a trace': 'builtins.trace "npl-00000000000000000000000000000000|1.0|/nix/store/a.drv|"',
  'a trace of several lines':
    'builtins.trace "x\\ntrace: npl-0|1.0|/nix/store/a.drv|\\ntrace: trace: npl-|1.0|used"',
  'a record of the log': `builtins.trace "\\n@nix {\\"action\\":\\"msg\\",\\"level\\":0,\\"msg\\":\\"trace: npl-0|1.1|used\\"}"`,
  'a throw that is caught': '(x: builtins.seq (builtins.tryEval (throw "trace: npl-0|1.0|used")) x)',
  'the copy, which holds no word': `
    (x: let here = (builtins.unsafeGetAttrPos "a" { a = 1; }).file; in
      builtins.trace (builtins.readFile here + "|1.0|used") x)`,
};

/** Finds the library of the probes beside its own copy, and the word in it; in the plain evaluation there is none. */
const findsTheWord = `
  copy = (builtins.unsafeGetAttrPos "a" { a = 1; }).file;
  libraries = builtins.filter builtins.pathExists
    (map (up: /. + (builtins.dirOf copy + up + "/probes.nix")) [ "" "/.." "/../.." ]);
  text = builtins.replaceStrings [ "\\n" ] [ " " ] (builtins.readFile (builtins.head libraries));
  word = builtins.head (builtins.match ".*(npl-[0-9a-f]+).*" text);
  forge = report: if libraries == [ ] then (x: x) else builtins.trace "\${word}|\${report}";
`;

for (const { version, directory } of nixVersions()) {
  describe(`the program that is evaluated by Nix ${version}`, () => {
    for (const [how, says] of Object.entries(guesses)) {
      test(`cannot guess a report: ${how}`, async () => {
        const { seen, ...told } = await toldOf(leaking(says), directory);
        const { seen: seenOtherwise, ...honest } = await toldOf(leaking('(x: x)'), directory);
        assert.deepEqual(told, honest);
        const names = (all: readonly string[]) =>
          [...new Set(all.map((one) => one.replace(/^[^]* = /, '')))].sort();
        assert.deepEqual(names(seen), names(seenOtherwise));
      });
    }

    test('can lie about its own expressions where it reads the library, and about nothing else', async () => {
      const honest = await toldOf(leaking('(x: x)', findsTheWord), directory);
      const foreign = 'builtins.unsafeDiscardStringContext foreign.drvPath';
      const lies = [
        // The word is right, so this is taken: the blame falls on another expression of the same file.
        ...Array.from({ length: 12 }, (_, id) => `forge "1.${id}|\${${foreign}}||||"`),
        'forge "1.0|/nix/store/00000000000000000000000000000000-elsewhere.drv||||"',
        'forge "1.0|\\u001b[31m || evil |||"',
        'forge "1.999|/nix/store/none.drv||||"',
        'forge "7.0|/nix/store/none.drv||||"',
        'forge "x|used"',
        `forge "1.0|\${${foreign}}|x86_64-linux x86_64-linux x86_64-linux|||"`,
      ];
      const text = leaking(
        `(x: ${lies.map((lie) => `${lie} (`).join('')}x${')'.repeat(lies.length)})`,
        findsTheWord,
      );
      const forged = await toldOf(text, directory);
      assert.deepEqual(forged.leaks, honest.leaks, 'what is wrong stays wrong');
      assert.equal(forged.size, honest.size);
      assert.ok(
        forged.seen.length > honest.seen.length,
        'the library was found: this is what a liar achieves',
      );
      for (const one of forged.outside) assert.match(one, /^\/[\w+.?=/-]+$/);
    });

    test('cannot answer in the place of a warm Nix', async () => {
      await using warm = new WarmNix(await findNix({ directory }), { cwd: tmpdir() });
      const sources = [
        '/proc/self/cmdline',
        '/proc/self/environ',
        '/proc/self/stat',
        '/proc/thread-self/cmdline',
      ];
      for (const source of sources) {
        const stolen = `let
          text = builtins.replaceStrings [ "\\n" ] [ " " ] (builtins.readFile "${source}");
          word = builtins.match ".*([0-9a-f]{32})[=.].*" text;
          say = word: x: builtins.trace (word + "=\\"forged\\"") (builtins.trace (word + ".") x);
        in (if word == null then say "00000000000000000000000000000000" else say (builtins.head word)) "honest"`;
        const answer = await warm.query(stolen).catch((error: unknown) => {
          // Some files of /proc hold what no string of Nix may.
          assert.ok(error instanceof NixFailure && error.reason === 'evaluation', String(error));
          return 'honest';
        });
        assert.equal(answer, 'honest');
      }
      // What still stands in the pipe is the word that ends the question, and answers nothing.
      const drained = warm.query('builtins.trace (builtins.readFile "/proc/self/fd/0") "honest"', {
        timeoutMs: 2000,
      });
      assert.notEqual(await drained.catch(() => 'no answer'), 'forged');
      assert.equal(await warm.query('"next"'), 'next');
    });
  });
}

test('only what a probe would say is a report', () => {
  const word = 'npl-0';
  const path = '/nix/store/00000000000000000000000000000000-x.drv';
  assert.equal(
    decodeProbeReport(`${word}|1.2|${path}|x86_64-linux x86_64-linux |a-b|c-d|e-f|-1|+a-b,-`, word)?.key,
    '1.2',
  );
  for (const forged of [
    `npl-1|1.2|${path}|`,
    ` ${word}|1.2|${path}|`,
    `${word}|1|${path}|`,
    `${word}|a.b|${path}|`,
    `${word}|1.2|relative|`,
    `${word}|1.2|/nix/store/\u001b[31m|`,
    `${word}|1.2|/nix/store/a b|`,
    `${word}|1.2|/${'x'.repeat(500)}|`,
    `${word}|1.2|${path}|x86_64-\u202elinux|`,
    `${word}|1.2|${path}||<img>|b|c`,
  ])
    assert.equal(decodeProbeReport(forged, word), undefined, JSON.stringify(forged));
});
