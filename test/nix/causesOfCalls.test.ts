import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Report } from '../../server/src/model/report.ts';
import { evaluateWorkspace } from '../support/workspace.ts';

/**
 * Which argument of a call became the system of a derivation. Each cause that
 * is expected is checked with Nix itself: with `"x86_64-linux"` in its place,
 * the input is no longer wrong. Others of the same system are never named.
 */
interface Case {
  readonly name: string;
  /** The bindings in whose scope {@link inputs} stands; `make` takes a set for `derivation`, without its builder. */
  readonly bindings: string;
  /** The inputs of the root, as Nix text. */
  readonly inputs: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Of each leak by its name, the expression that is the cause; undefined where none can be told. */
  readonly causes: Readonly<Record<string, string | undefined>>;
  readonly as?: string;
}

const curried = 'd = name: system: inputs: make { inherit name system inputs; };';
const ofSet = 'd = { name, system, inputs ? [ ] }: make { inherit name system inputs; };';

const cases: readonly Case[] = [
  {
    name: 'a curried function, whose last argument calls it again with a literal',
    bindings: curried,
    inputs: '(d "a" "${arch}-darwin" [ (d "a1" "x86_64-darwin" [ ]) ])',
    causes: { a: undefined },
  },
  {
    name: 'a curried function with a literal',
    bindings: curried,
    inputs: '(d "a" /* a */ "x86_64-darwin" [ (d "a1" /* a1 */ "x86_64-darwin" [ ]) ])',
    causes: { a: '/* a */ "x86_64-darwin"' },
  },
  {
    name: 'positional arguments: only one that becomes the system',
    bindings: 'd = system: name: label: make { inherit system name label; };',
    inputs:
      '(d "x86_64-darwin" "one" "none") (d ("x86_64-" + "darwin") "two" "x86_64-darwin") (d "${arch}-darwin" "three" "x86_64-darwin")',
    causes: { one: '"x86_64-darwin" "one"', two: undefined, three: undefined },
  },
  {
    name: 'a set of arguments',
    bindings: ofSet,
    inputs:
      '(d { name = "a"; system = "${arch}-darwin"; inputs = [ (d { name = "a1"; system = "x86_64-darwin"; }) ]; }) (d { name = "b"; system = "x86_64-darwin" /* b */; })',
    causes: { a: undefined, b: '"x86_64-darwin" /* b */' },
  },
  {
    name: 'a set of arguments, some of them from another function',
    bindings: `${ofSet} common = { system = "x86_64-darwin"; };`,
    inputs: '(d ({ name = "a"; } // common)) (d (common // { name = "b"; system = "${arch}-darwin"; }))',
    causes: { a: '"x86_64-darwin"; };', b: undefined },
  },
  {
    name: 'the system of an inner call of the same function',
    bindings: curried,
    inputs:
      '(d "outer" (d "inner" "x86_64-darwin" /* inner */ [ ]).system [ (d "other" "x86_64-darwin" [ ]) ])',
    causes: { outer: '"x86_64-darwin" /* inner */' },
  },
  {
    name: 'a function that calls another one with what it was given',
    bindings: `${curried} wrap = system: name: d name system [ (d "below" "x86_64-darwin" [ ]) ];`,
    inputs: '(wrap "x86_64-darwin" "a") (wrap "${arch}-darwin" "b")',
    causes: { a: '"x86_64-darwin" "a"', b: undefined },
  },
  {
    name: 'a literal of a sibling in the same list',
    bindings: curried,
    inputs: '(builtins.head [ (d "a" "${arch}-darwin" [ ]) (d "b" "x86_64-darwin" [ ]) ])',
    causes: { a: undefined },
  },
  {
    name: 'a helper that a let binds inside of the function',
    bindings: 'd = name: let helper = system: make { inherit name system; }; in helper;',
    inputs: '(d "a" "x86_64-darwin") (d "b" "${arch}-darwin")',
    causes: { a: '"x86_64-darwin")', b: undefined },
  },
  {
    name: 'a function that was given its first arguments elsewhere',
    bindings:
      'd = system: name: make { inherit name system; }; mac = d "x86_64-darwin"; any = d "${arch}-darwin";',
    inputs: '(mac "a") (any "x86_64-darwin")',
    causes: { a: '"x86_64-darwin";', 'x86_64-darwin': undefined },
  },
  {
    name: 'a function that another one is given',
    bindings: `${curried} call = f: f "x86_64-darwin" [ ];`,
    inputs: '(call (d "a"))',
    causes: { a: '"x86_64-darwin" [ ]' },
  },
  {
    name: 'a function in a set',
    bindings: 'tools = { d = name: system: make { inherit name system; }; };',
    inputs: '(tools.d "a" "x86_64-darwin") (tools.d "x86_64-darwin" "${arch}-darwin")',
    causes: { a: '"x86_64-darwin")', 'x86_64-darwin': undefined },
  },
  {
    name: 'the default of an argument',
    bindings: 'd = { name, system ? "x86_64-darwin", inputs ? [ ] }: make { inherit name system inputs; };',
    inputs: '(d { name = "a"; inputs = [ (d { name = "a1"; system = /* a1 */ "x86_64-darwin"; }) ]; })',
    causes: { a: '"x86_64-darwin", inputs' },
  },
  {
    name: 'a default of an argument that cannot be told',
    bindings: 'd = { name, system ? "${arch}-darwin", inputs ? [ ] }: make { inherit name system inputs; };',
    inputs: '(d { name = "a"; inputs = [ (d { name = "a1"; system = "x86_64-darwin"; }) ]; })',
    causes: { a: undefined },
  },
  {
    name: 'a default that another call uses',
    bindings: 'd = { name, system ? "x86_64-darwin" }: make { inherit name system; };',
    inputs: '(d { name = "a"; }) (d { name = "b"; system = "${arch}-darwin"; })',
    causes: { a: '"x86_64-darwin" }', b: undefined },
  },
  {
    name: 'a function of another file',
    bindings: 'd = import ./d.nix make;',
    files: { 'd.nix': 'make: name: system: inputs: make { inherit name system inputs; }' },
    inputs:
      '(d "a" "${arch}-darwin" [ (d "a1" "x86_64-darwin" [ ]) ]) (import ./d.nix make "b" "x86_64-darwin" [ ])',
    causes: { a: undefined, b: '"b" "x86_64-darwin"' },
  },
  {
    name: 'a function of a file outside of the workspace',
    bindings: 'd = import ../set.nix { system = "x86_64-linux"; };',
    inputs: '(builtins.seq d (outside.d "a" "${arch}-darwin" [ (outside.d "a1" "x86_64-darwin" [ ]) ]))',
    causes: { a: undefined },
  },
  {
    name: 'a literal that is given as it is first, and as the system behind that',
    bindings:
      'lib.second = builtins.scopedImport { } (builtins.toFile "second.nix" "one: other: other"); system = "x86_64-darwin";',
    inputs: '(lib.second system (derivation { name = "a"; inherit system; builder = "/bin/sh"; }))',
    causes: { a: '"x86_64-darwin";' },
  },
  {
    name: 'a function that hands its argument on, called twice',
    bindings: `${curried} inner = system: d "a" system [ ]; mk = system: inner system; a = if arch == "none" then mk "x86_64-linux" else mk ("x86_64-darwin");`,
    inputs: 'a',
    causes: { a: '("x86_64-darwin")' },
  },
  {
    name: 'the machine that evaluates, as an argument',
    bindings: `${curried} here = builtins.currentSystem;`,
    inputs: '(d "a" here [ (d "a1" "x86_64-darwin" [ ]) ])',
    causes: { a: 'builtins.currentSystem' },
    as: 'x86_64-darwin',
  },
];

function textOf({ bindings, inputs }: Case): string {
  return `{ set, arch ? "x86_64" }:
let
  make = given: derivation ({ builder = "/bin/sh"; } // given);
  outside.d = builtins.scopedImport { } (builtins.toFile "d.nix" "name: system: inputs: derivation { inherit name system inputs; builder = \\"/bin/sh\\"; }");
  ${bindings}
in
derivation { name = "root"; system = "x86_64-linux"; builder = "/bin/sh"; inputs = [ ${inputs} ]; }
`;
}

/** The leaks of a report by the names of their inputs. */
function leaksOf({ leaks, graph }: Report): string[] {
  return leaks.map(({ input }) => graph.derivation(input).name).sort();
}

describe('the argument of a call that is the cause', () => {
  for (const example of cases) {
    test(example.name, async () => {
      const text = textOf(example);
      const evaluate = (own: string): Promise<Report> =>
        evaluateWorkspace(
          { files: { 'default.nix': own, ...example.files } },
          { as: example.as ?? 'x86_64-linux' },
        );
      const report = await evaluate(text);
      assert.equal(report.probes.fallbackReason, undefined);
      assert.deepEqual(leaksOf(report), Object.keys(example.causes).sort());
      for (const leak of report.leaks) {
        const { name } = report.graph.derivation(leak.input);
        const expected = example.causes[name];
        const cause = report.causes[leak.cause];
        if (expected === undefined) {
          assert.equal(leak.reason?.kind, 'unknown', `${name}: ${JSON.stringify(cause)}`);
          continue;
        }
        assert.notEqual(leak.reason?.kind, 'unknown', `the cause of ${name} was not found`);
        const words = /"x86_64-darwin"|builtins\.currentSystem/.exec(expected);
        assert.ok(words && cause?.source && cause.text === words[0], JSON.stringify(cause));
        const at = text.indexOf(expected) + words.index;
        const before = text.slice(0, at).split('\n');
        const { start } = cause.source.range;
        assert.deepEqual(start, { line: before.length - 1, character: before.at(-1)?.length }, name);

        const repaired = `${text.slice(0, at)}"x86_64-linux"${text.slice(at + words[0].length)}`;
        assert.ok(!leaksOf(await evaluate(repaired)).includes(name), 'with Nix, it is not the cause');
      }
    });
  }
});
