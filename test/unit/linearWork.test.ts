import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EvidenceIndex } from '../../server/src/attribution/evidence.ts';
import { traceProvenance } from '../../server/src/attribution/provenance.ts';
import type { Observation } from '../../server/src/model/observation.ts';
import { CallerIndex } from '../../server/src/attribution/callers.ts';
import { chooseTogether } from '../../server/src/fixes/applying/chooseTogether.ts';
import { independentBatches } from '../../server/src/fixes/proof/independence.ts';
import { atOnce } from '../../server/src/model/slices.ts';
import { instrument } from '../../server/src/probing/instrument.ts';
import type { Expression } from '../../server/src/syntax/ast.ts';
import { unwrap } from '../../server/src/syntax/ast.ts';
import { parseSourceFile, rangeIn, type SourceFile } from '../../server/src/syntax/sourceFile.ts';
import { testParser } from '../support/parser.ts';

/** Work that must not grow with the square of its input: it is counted, and not timed. */

/** A value whose property counts how often it is read. */
function counted<Value extends object>(
  value: Value,
  property: keyof Value,
): { readonly reads: () => number } {
  let reads = 0;
  const known = value[property];
  Object.defineProperty(value, property, {
    get: () => {
      reads += 1;
      return known;
    },
  });
  return { reads: () => reads };
}

async function parsed(file: string, text: string): Promise<SourceFile> {
  const source = parseSourceFile(file, text, await testParser());
  assert.ok(source.wellFormed, text);
  return source;
}

test('who calls a function, and who gives an argument, is answered without looking at any file', async () => {
  const files = 100;
  const sources = new Map<string, SourceFile>();
  const lambdas: Expression[] = [];
  const calls = Array.from({ length: files }, (_, n) => `(import ./part-${n}.nix { tool = ${n}; })`);
  sources.set('/w/default.nix', await parsed('/w/default.nix', `[ ${calls.join(' ')} ]`));
  for (let n = 0; n < files; n++) {
    const file = `/w/part-${n}.nix`;
    const source = await parsed(file, `{ tool }: { _module.args = { arg${n} = tool; }; }`);
    sources.set(file, source);
    lambdas.push(unwrap(source.root));
  }
  const roots = [...sources.values()].map((source) => counted(source, 'root'));
  const index = atOnce(CallerIndex.of(sources));
  const readsOf = (): number => roots.reduce((sum, { reads }) => sum + reads(), 0);
  const before = readsOf();
  for (const [n, lambda] of lambdas.entries()) {
    assert.ok(lambda.kind === 'lambda');
    assert.deepEqual(
      index.find(lambda).map(({ source }) => source.file),
      ['/w/default.nix'],
    );
    assert.deepEqual(
      index.moduleArguments(`arg${n}`).map(({ source }) => source.file),
      [`/w/part-${n}.nix`],
    );
  }
  assert.equal(readsOf(), before);
});

test('which call gave a derivation is known without asking all calls for each leak', async () => {
  const calls = 200;
  const text = `let make = { x }: derivation { name = "a"; system = x; }; in [\n${Array.from(
    { length: calls },
    (_, n) => `(make { x = "x86_64-darwin"; n = ${n}; })\n`,
  ).join('')}]`;
  const source = await parsed('/w/x.nix', text);
  assert.ok(source.root.kind === 'let' && source.root.body.kind === 'list');
  const [binding] = source.root.bindings;
  assert.ok(binding?.kind === 'attribute' && binding.value.kind === 'lambda');
  const start = { source, expression: binding.value.body };
  const observations = source.root.body.elements.map((element, n): Observation => ({
    source: rangeIn(source, unwrap(element)),
    form: 'list-element',
    text: 'make',
    derivations: [n],
  }));
  const reads = observations.map((observation) => counted(observation, 'derivations'));
  const index = atOnce(
    EvidenceIndex.of({
      sources: new Map([[source.file, source]]),
      observations,
      usedDefaults: [],
      givenArguments: new Set(),
      evaluatedAs: 'x86_64-linux',
    }),
  );
  for (let n = 0; n < calls; n++) {
    const { cause } = traceProvenance(start, index, n, ['x86_64-linux'], ['x86_64-darwin']);
    assert.equal(cause.source?.range.start.line, n + 1);
  }
  const all = reads.reduce((sum, { reads: readsOf }) => sum + readsOf(), 0);
  assert.ok(all < 10 * calls, `${all} reads`);
});

test('an `inherit` of many names is instrumented without descending to it for each of them', async () => {
  const names = Array.from({ length: 500 }, (_, n) => `name${n}`);
  const source = await parsed('/w/x.nix', `with pkgs; { inherit ${names.join(' ')}; }`);
  assert.ok(source.root.kind === 'with' && source.root.body.kind === 'attribute-set');
  const [binding] = source.root.body.bindings;
  assert.ok(binding?.kind === 'inherit');
  const { reads } = counted(binding, 'names');
  const { probes } = atOnce(
    instrument(source, {
      level: 'full',
      report: true,
      directory: '/w',
      redirect: () => undefined,
      edited: () => undefined,
      library: 'library',
    }),
  );
  assert.equal(probes.length, names.length);
  assert.ok(reads() < 10, `${reads()} reads`);
});

/** By how they lie in their file: each on a line of its own, or all on one line. */
const placings = {
  'of many lines': (n: number) => ({ line: n, character: 4 }),
  'of one line': (n: number) => ({ line: 0, character: 10 * n }),
} as const;

for (const [name, placeOf] of Object.entries(placings))
  test(`repairs of a file ${name} are parted into those that may be tried, and applied, together without comparing each with each`, () => {
    const count = 300;
    const edits = Array.from({ length: count }, (_, n) => {
      const start = placeOf(n);
      return {
        file: '/w/default.nix',
        range: { start, end: { ...start, character: start.character + 4 } },
        newText: 'pkgs',
      };
    });
    const places = edits.map((edit) => counted(edit, 'range'));
    const readsOf = (): number => places.reduce((sum, { reads }) => sum + reads(), 0);
    const attempts = edits.map((edit) => ({ candidate: { title: '', edits: [edit] }, leaks: new Map() }));
    assert.deepEqual(atOnce(independentBatches(attempts, new AbortController().signal)), [attempts]);
    assert.ok(readsOf() < count * 20, String(readsOf()));
    const fixes = edits.map((edit, index) => ({
      title: '',
      edits: [edit],
      repairs: [],
      proof: { kind: 'proven' as const, statement: '' },
      proven: { cause: String(index), trial: 'one', isPartial: false },
    }));
    assert.deepEqual(atOnce(chooseTogether(fixes)), fixes);
    assert.ok(readsOf() < count * 40, String(readsOf()));
  });
