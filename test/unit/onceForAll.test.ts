import assert from 'node:assert/strict';
import { test } from 'node:test';

import { atOnce } from '../../server/src/model/slices.ts';
import { noSuppressions } from '../../server/src/attribution/findSuppressions.ts';
import { judgeInSteps } from '../../server/src/check/judge.ts';
import { shortestPaths } from '../../server/src/check/shortestPaths.ts';
import { findUnusedSuppressions } from '../../server/src/check/unusedSuppressions.ts';
import { applyPolicy, type PolicedReport } from '../../server/src/check/policy.ts';
import { diagnostics } from '../../server/src/features/diagnostics.ts';
import type { DerivationGraph } from '../../server/src/model/derivationGraph.ts';
import type { SourceRange } from '../../server/src/model/location.ts';
import { toJson } from '../../server/src/output/toJson.ts';
import { openDocument } from '../../server/src/snapshot/documents.ts';
import type { Snapshot } from '../../server/src/snapshot/snapshot.ts';
import { judge, linux } from '../support/closure.ts';
import { hostileSnapshot } from '../support/hostileReport.ts';

const inputs = 300;

/** A report with a leak and a cause for each of many inputs. */
async function largeReport(): Promise<PolicedReport> {
  const { graph, judgement } = await judge((store) => {
    const mac = { system: 'x86_64-darwin', env: { stdenv: '/none' } };
    const tools = Array.from({ length: inputs }, (_, n) => store.add({ name: `tool-${n}`, ...mac }));
    return store.add({
      name: 'root',
      inputs: tools,
      env: { buildInputs: tools.map((tool) => tool.out()).join(' ') },
    });
  });
  const placeOf = (line: number): SourceRange => ({
    file: '/w/default.nix',
    range: { start: { line, character: 0 }, end: { line, character: 4 } },
  });
  return applyPolicy(
    {
      request: { target: { kind: 'derivation', drvPath: '/x.drv' } },
      evaluatedAs: 'x86_64-linux',
      graph,
      judgement,
      leaks: judgement.leaks.map((leak, cause) => ({
        ...leak,
        origins: [{ source: placeOf(cause), text: 'tool' }],
        cause,
        reason: { kind: 'hard-coded-system', message: 'It is written down.', steps: [] },
        bringsIn: 1,
      })),
      causes: judgement.leaks.map((_, line) => ({ source: placeOf(line), text: 'tool' })),
      observations: [],
      probes: { placed: 1, fired: 1, files: 1, level: 0 },
      timings: new Map(),
      sources: new Map([['/w/default.nix', 'tool\n'.repeat(inputs)]]),
    },
    {},
    noSuppressions,
  );
}

/** A graph that counts how often a derivation is looked up in it. */
function counting(graph: DerivationGraph): { readonly graph: DerivationGraph; lookups: number } {
  const counted = {
    lookups: 0,
    graph: new Proxy(graph, {
      get(target, name) {
        if (name === 'derivation') counted.lookups += 1;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
  };
  return counted;
}

test('a key moves the places of diagnostics, and words none of them anew', async () => {
  const large = await largeReport();
  const counted = counting(large.graph);
  const report = { ...large, graph: counted.graph };
  const empty = await hostileSnapshot('x');
  const [evaluation] = empty.evaluations;
  assert.ok(evaluation?.evaluated);
  const evaluated = { ...evaluation.evaluated, found: report, report, fixes: [] };
  const snapshot: Snapshot = { ...empty, evaluations: [{ ...evaluation, evaluated }] };
  const told = (now: Snapshot) => atOnce(diagnostics(now)).get('/w/default.nix') ?? [];
  const before = told(snapshot);
  assert.equal(before.length, inputs);
  const lookups = counted.lookups;
  assert.ok(lookups > 0);

  const document = openDocument('file:///w/default.nix', '/w/default.nix', 1, `\n${'tool\n'.repeat(inputs)}`);
  const ranges = evaluated.ranges.learned([{ document, text: 'tool\n'.repeat(inputs) }]);
  const after = told({
    ...snapshot,
    documents: new Map([[document.file, document]]),
    evaluations: [{ ...evaluation, evaluated: { ...evaluated, ranges } }],
  });
  assert.equal(counted.lookups, lookups);
  assert.deepEqual(
    after.map(({ range, message }) => [range.start.line - 1, message]),
    before.map(({ range, message }) => [range.start.line, message]),
  );
});

test('what a key does not move is the very diagnostic that was told before', async () => {
  const report = await largeReport();
  const empty = await hostileSnapshot('x');
  const [evaluation] = empty.evaluations;
  assert.ok(evaluation?.evaluated);
  const evaluated = { ...evaluation.evaluated, found: report, report, fixes: [] };
  const snapshot: Snapshot = { ...empty, evaluations: [{ ...evaluation, evaluated }] };
  const told = (now: Snapshot) => atOnce(diagnostics(now)).get('/w/default.nix') ?? [];
  const before = told(snapshot);
  const document = openDocument('file:///w/other.nix', '/w/other.nix', 1, '{ }');
  const after = told({ ...snapshot, documents: new Map([[document.file, document]]) });
  assert.equal(after.length, inputs);
  assert.ok(after.every((diagnostic, place) => diagnostic === before[place]));
});

test('the document of a report looks at each leak a few times, however many there are', async () => {
  const report = await largeReport();
  let reads = 0;
  const leaks = new Proxy(report.leaks, {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) reads += 1;
      return Reflect.get(target, name, target) as unknown;
    },
  });
  const { findings } = toJson({ ...report, leaks }, [], '/w');
  assert.equal(findings.length, inputs);
  assert.deepEqual(
    findings.flatMap((finding) => finding.leaks).toSorted((one, other) => one - other),
    report.leaks.map((_, index) => index),
  );
  assert.ok(reads <= 10 * inputs, `${reads} reads of ${inputs} leaks`);
});

test('which suppressions are not needed is found without looking through all files for each of them', async () => {
  const report = await largeReport();
  let reads = 0;
  const files = Array.from({ length: inputs }, (_, n) => `/w/${n}.nix`);
  const filesRead = new Proxy(files, {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) reads += 1;
      return Reflect.get(target, name, target) as unknown;
    },
  });
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  const problems = files.map((file) => ({ source: { file, range }, message: 'not heeded', edits: [] }));
  const found = findUnusedSuppressions([
    { ...report, filesRead, suppressions: { ...noSuppressions, problems } },
  ]);
  assert.equal(found.length, inputs);
  assert.ok(reads <= 10 * inputs, `${reads} reads of ${inputs} files`);
});

test('a closure is searched once for the shortest paths, by its judgement', async () => {
  const { graph } = await largeReport();
  let searched = 0;
  const counted = new Proxy(graph, {
    get(target, name) {
      if (name === 'inputIds') searched += 1;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  atOnce(judgeInSteps(counted, linux));
  assert.ok(searched > inputs);
  const before = searched;
  assert.equal(shortestPaths(counted)(counted.root).length, 1);
  assert.equal(searched, before);
});
