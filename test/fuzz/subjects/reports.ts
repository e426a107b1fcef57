import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';

import { noSuppressions } from '../../../server/src/attribution/findSuppressions.ts';
import { applyPolicy } from '../../../server/src/check/policy.ts';
import type { DerivationGraph } from '../../../server/src/model/derivationGraph.ts';
import { plainPaint } from '../../../server/src/output/paint.ts';
import { resultsSarif } from '../../../server/src/output/toSarif.ts';
import { encodeGraph } from '../../../server/src/storage/graphCodec.ts';
import {
  decodeReport,
  encodeReport,
  UnreadableReportError,
} from '../../../server/src/storage/reportCodec.ts';
import { parseSarif } from '../../support/sarifSchema.ts';
import { givenReport, reportForm, reportOf } from '../support/report.ts';
import { subject } from '../support/subject.ts';
import { anyText } from '../support/texts.ts';

/** Whatever a report says, its SARIF is valid, and holds each finding once. */
export const sarif = subject({
  name: 'sarif',
  share: 15,
  cases: fc.record({ report: givenReport, label: anyText, errors: fc.array(anyText, { maxLength: 2 }) }),
  form: z.object({ report: reportForm, label: z.string(), errors: z.array(z.string()) }),
  check({ report: given, label, errors }) {
    const report = reportOf(given);
    const { target } = report.request;
    const log = parseSarif(
      resultsSarif(
        {
          evaluations: [
            {
              label,
              target,
              evaluateAs: 'x86_64-darwin',
              outcome: {
                kind: 'judged',
                report: applyPolicy(report, {}, noSuppressions),
                known: [],
                fixes: [],
                fingerprints: new Map(),
              },
            },
            ...errors.map((message) => ({
              label,
              target,
              evaluateAs: undefined,
              outcome: { kind: 'failed' as const, errors: [{ message }] },
            })),
          ],
          dependences: [],
          unusedSuppressions: [],
          isList: true,
        },
        { directory: '/w', sourceRoot: '/w', version: '1.0.0', paint: plainPaint },
      ),
    );
    const [run] = log.runs;
    const inputs = (run?.results ?? []).flatMap(({ properties }) =>
      z.array(z.string()).parse(properties?.['inputs']),
    );
    assert.deepEqual(
      inputs.sort(),
      report.leaks.map(({ input }) => report.graph.derivation(input).name).sort(),
    );
    const [invocation] = run?.invocations ?? [];
    assert.equal(invocation?.executionSuccessful, errors.length === 0);
    assert.equal(invocation.toolExecutionNotifications?.length, errors.length + (given.gap === null ? 0 : 1));
    for (const { locations } of run?.results ?? []) {
      const uri = locations?.[0]?.physicalLocation?.artifactLocation?.uri;
      if (uri !== undefined) assert.ok(URL.canParse(uri, 'file:///w/'), uri);
    }
  },
});

/** A report that is kept comes back the same; with one byte changed it is refused, or nothing of its content is different. */
export const storedReports = subject({
  name: 'stored-reports',
  share: 45,
  cases: fc.record({
    report: givenReport,
    key: anyText,
    at: fc.nat(1 << 20),
    bit: fc.nat(7),
    length: fc.nat(1 << 20),
  }),
  form: z.object({
    report: reportForm,
    key: z.string(),
    at: z.number(),
    bit: z.number(),
    length: z.number(),
  }),
  async check({ report: given, key, at, bit, length }) {
    const report = reportOf(given);
    const madeAt = new Date(1_700_000_000_000);
    const bytes = await encodeReport({ key, madeAt, report });
    const contentOf = ({
      report: { graph, ...rest },
      ...kept
    }: Awaited<ReturnType<typeof decodeReport>>): unknown => ({
      ...kept,
      ...rest,
      graph: encoded(graph),
    });
    const expected = contentOf({ key, madeAt, report });
    assert.deepEqual(contentOf(await decodeReport(bytes)), expected);
    const place = at % bytes.length;
    const flipped = Buffer.from(bytes);
    flipped[place] = (flipped[place] ?? 0) ^ (1 << bit);
    // Bits of the header and of padding mean nothing: what is read all the same has to be the same.
    const read = await orRefused(flipped);
    if (read !== undefined) assert.deepEqual(contentOf(read), expected, `byte ${place}`);
    await assert.rejects(decodeReport(bytes.subarray(0, length % bytes.length)), UnreadableReportError);
  },
});

function encoded(graph: DerivationGraph): unknown {
  const parts = encodeGraph(graph);
  const all: unknown[] = [];
  for (let step = parts.next(); ; step = parts.next()) {
    all.push(step.value);
    if (step.done === true) return all;
  }
}

async function orRefused(bytes: Buffer): Promise<Awaited<ReturnType<typeof decodeReport>> | undefined> {
  try {
    return await decodeReport(bytes);
  } catch (error) {
    if (error instanceof UnreadableReportError) return undefined;
    throw error;
  }
}
