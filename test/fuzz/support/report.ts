import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import * as z from 'zod';

import type { AttributedLeak, Report } from '../../../server/src/model/report.ts';
import { ruleIds } from '../../../server/src/model/judgement.ts';
import { atOnce } from '../../../server/src/model/slices.ts';
import { decodeGraph } from '../../../server/src/storage/graphCodec.ts';
import { anyText, wellFormed } from './texts.ts';

const leakForm = z.object({
  input: z.number(),
  rule: z.enum(ruleIds),
  severity: z.enum(['error', 'warning', 'info']),
  texts: z.array(z.string()),
  file: z.string(),
  line: z.number(),
  column: z.number(),
  isFault: z.boolean(),
});

/** What a report is made of: a chain of derivations with some more edges, and leaks at some of them. */
export const reportForm = z.object({
  names: z.array(z.string()),
  systems: z.array(z.string()),
  edges: z.array(z.tuple([z.number(), z.number()])),
  leaks: z.array(leakForm),
  gap: z.string().nullable(),
});
export type GivenReport = z.output<typeof reportForm>;

const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9+._?=-]{0,8}$/);
// Paths that a system names are well-formed, and hold no zero byte.
const file = fc.oneof(
  fc.constantFrom('/w/default.nix', '/w/a b/ü.nix', '/elsewhere/x.nix'),
  anyText.map((text) => `/w/${wellFormed(text).replaceAll('\0', '')}.nix`),
);

export const givenReport: fc.Arbitrary<GivenReport> = fc.record({
  names: fc.array(name, { minLength: 2, maxLength: 6 }),
  systems: fc.array(fc.constantFrom('x86_64-linux', 'x86_64-darwin', 'builtin', 'ü "%'), {
    minLength: 1,
    maxLength: 6,
  }),
  edges: fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 4 }),
  leaks: fc.uniqueArray(
    fc.record({
      input: fc.nat(5),
      rule: fc.constantFrom(...ruleIds.filter((id) => id !== 'unused-suppression')),
      severity: fc.constantFrom('error' as const, 'warning' as const, 'info' as const),
      texts: fc.array(anyText, { minLength: 3, maxLength: 5 }),
      file,
      line: fc.nat(40),
      column: fc.nat(90),
      isFault: fc.boolean(),
    }),
    { selector: ({ input }) => input, maxLength: 3 },
  ),
  gap: fc.oneof(fc.constant(null), anyText),
});

/** The report that a description stands for. */
export function reportOf({ names, systems, edges, leaks, gap }: GivenReport): Report {
  const size = names.length;
  const inputsOf = names.map((_, id) => {
    const more = edges.filter(([from]) => from % size === id).map(([, to]) => to % size);
    return [...new Set([...(id + 1 < size ? [id + 1] : []), ...more.filter((to) => to > id)])];
  });
  const inputs = inputsOf.flat();
  const uniqueSystems = [...new Set(systems)];
  const tables = {
    root: 0,
    gaps: gap === null ? [] : [{ drvPath: '/nix/store/x.drv', message: gap }],
    systems: uniqueSystems,
    hosts: uniqueSystems.map((system) => ({
      kind: 'system' as const,
      system,
      certainty: 'inferred' as const,
    })),
    targets: [],
    featureLists: [[], ['kvm']],
    outputLists: [['out']],
  };
  const part = {
    drvPaths: names.map((drv, id) => `/nix/store/${String(id).padStart(32, '0')}-${drv}.drv`),
    flags: names.map((_, id) => (id % 5 === 4 ? 3 : 0)),
    systemOf: names.map((_, id) => id % uniqueSystems.length),
    hostOf: names.map((_, id) => id % uniqueSystems.length),
    targetOf: [],
    featuresOf: names.map((_, id) => id % 2),
    outputsOf: names.map(() => 0),
    outputPaths: names.map((drv, id) =>
      id % 3 === 2 ? null : `/nix/store/${String(id).padStart(32, 'a')}-${drv}`,
    ),
    edgeCounts: inputsOf.map((all) => all.length),
    inputs,
    roles: inputs.map((_, edge) => 1 << (edge % 16)),
    edgeOutputs: inputs.map(() => 0),
  };
  const graph = atOnce(decodeGraph(tables, [part]));
  const attributed = leaks.map((leak) => {
    // One place is one cause.
    const cause = leaks.findIndex((other) => isDeepStrictEqual(rangeOf(other), rangeOf(leak)));
    return leakOf(leak, cause, size);
  });
  return {
    request: {
      target: {
        kind: 'file',
        file: '/w/default.nix',
        attribute: 'a',
        arguments: { arg: [], argstr: [], include: [], option: [] },
      },
      evaluateAs: 'x86_64-darwin',
    },
    evaluatedAs: 'x86_64-darwin',
    graph,
    judgement: {
      leaks: attributed.map(({ input, severity, rule, explanation, edges: crossing, faults, path }) => ({
        input,
        severity,
        rule,
        explanation,
        edges: crossing,
        faults,
        path,
      })),
      bySystem: new Map(uniqueSystems.map((system) => [system, 1])),
    },
    leaks: attributed,
    causes: leaks.map((one) => ({ source: rangeOf(one), text: one.texts[0] ?? '' })),
    observations: leaks.map(({ texts, ...place }) => ({
      source: rangeOf(place),
      form: 'binding',
      text: texts[0] ?? '',
      derivations: [place.input % size],
    })),
    probes: { placed: 1, fired: 1, files: 1, level: 0 },
    timings: new Map([['plain', 1.5]]),
    sources: new Map(leaks.map(({ file: path, texts }) => [path, texts.join('\n')])),
  };
}

function rangeOf({ file: path, line, column }: { file: string; line: number; column: number }) {
  return {
    file: path,
    range: { start: { line, character: column }, end: { line: line + (column % 2), character: column + 3 } },
  };
}

function leakOf(given: z.output<typeof leakForm>, cause: number, size: number): AttributedLeak {
  const { rule, severity, texts, isFault } = given;
  const input = given.input % size;
  const [text = '', explanation = '', message = '', ...more] = texts;
  const source = rangeOf(given);
  const judged = { rule, severity, needs: ['x86_64-linux'], runsOn: 'x86_64-darwin', explanation };
  return {
    input,
    severity,
    rule,
    explanation,
    edges:
      isFault || input === 0
        ? []
        : [
            {
              consumer: input - 1,
              input,
              roles: ['buildInputs'],
              ...judged,
              scriptUses: [{ variable: 'buildPhase', line: 1, text }],
            },
          ],
    faults: isFault || input === 0 ? [{ derivation: input, ...judged }] : [],
    path: Array.from({ length: input + 1 }, (_, id) => id),
    origins: more.length === 0 ? [] : [{ source, text }],
    cause,
    reason: {
      kind: 'argument',
      message,
      steps: more.map((step) => ({ source, text: step, message: step })),
    },
    bringsIn: input,
  };
}
