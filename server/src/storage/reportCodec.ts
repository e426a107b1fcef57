import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import type * as z from 'zod';

import type { AttributedLeak, Report } from '../model/report.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { Leak } from '../model/judgement.ts';
import { inSlices } from '../model/slices.ts';
import type { Observation } from '../model/observation.ts';
import { decodeGraph, encodeGraph } from './graphCodec.ts';
import { formatVersion, storedReportSchema } from './reportSchema.ts';

/** A report that was kept, and of what. */
export interface KeptReport {
  /** Names the evaluation. */
  readonly key: string;
  readonly madeAt: Date;
  readonly report: Report;
}

/** What is no report of this version, or is damaged. */
export class UnreadableReportError extends Error {
  override readonly name = 'UnreadableReportError';
}

/** Its checksum tells a damaged file. The fastest level: the next ones save a tenth and take twice as long. */
const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** A bound against files that are not ours: bytes of JSON. */
const mostBytes = 256 * 1024 * 1024;

export async function encodeReport({ key, madeAt, report }: KeptReport): Promise<Buffer> {
  const { judgement, graph, timings, sources, ...rest } = report;
  const stored = {
    version: formatVersion,
    key,
    madeAt: madeAt.getTime(),
    ...rest,
    graph: await inSlices(encodeGraph(graph)),
    bySystem: [...judgement.bySystem],
    timings: [...timings],
    sources: [...sources],
  };
  return compress(JSON.stringify(stored), { level: constants.Z_BEST_SPEED });
}

/** @throws UnreadableReportError */
export async function decodeReport(bytes: Buffer): Promise<KeptReport> {
  try {
    const json = await decompress(bytes, { maxOutputLength: mostBytes });
    return reportOf(storedReportSchema.parse(JSON.parse(json.toString('utf8'))));
  } catch (error) {
    // Whatever goes wrong here, the bytes are at fault.
    throw new UnreadableReportError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function reportOf(stored: z.output<typeof storedReportSchema>): KeptReport {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- what is left is the report's
  const { version, key, madeAt, bySystem, ...rest } = stored;
  const graph = decodeGraph(stored.graph);
  for (const leak of stored.leaks) {
    checkLeak(leak, graph);
    if (stored.causes[leak.cause] === undefined) throw new RangeError(`there is no cause ${leak.cause}`);
  }
  for (const observation of stored.observations) checkObservation(observation, graph);
  const report = {
    ...rest,
    graph,
    judgement: { leaks: stored.leaks.map(withoutSource), bySystem: new Map(bySystem) },
    timings: new Map(stored.timings),
    sources: new Map(stored.sources),
  };
  return { key, madeAt: new Date(madeAt), report };
}

/** The leak as it was judged, before anybody looked for its source. */
function withoutSource({ input, severity, rule, explanation, edges, faults, path }: AttributedLeak): Leak {
  return { input, severity, rule, explanation, edges, faults, path };
}

/** @throws RangeError where it speaks of a derivation that the graph does not have */
function checkLeak({ input, edges, faults, path }: AttributedLeak, graph: DerivationGraph): void {
  const ends = edges.flatMap((edge) => [edge.consumer, edge.input]);
  for (const id of [input, ...path, ...ends, ...faults.map(({ derivation }) => derivation)])
    graph.derivation(id);
}

/** @throws RangeError where it speaks of a derivation that the graph does not have */
function checkObservation({ derivations }: Observation, graph: DerivationGraph): void {
  for (const id of derivations) graph.derivation(id);
}
