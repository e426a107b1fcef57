import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';

import type { AttributedLeak, Report } from '../model/report.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { Leak } from '../model/judgement.ts';
import { inSlices, type Steps } from '../model/slices.ts';
import type { Observation } from '../model/observation.ts';
import { decodeGraph, encodeGraph } from './graphCodec.ts';
import { formatVersion, headSchema } from './reportSchema.ts';
import { StoredPieces } from './storedPieces.ts';

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

/** A bound against files that are not ours: bytes of JSON. */
const mostBytes = 256 * 1024 * 1024;

/** Characters of a line, after which the next one begins. */
const longestLine = 16 * 1024;

/** A report as lines of JSON, compressed: each line is made, and read, at one go, and others have their turn between them. */
export async function encodeReport(kept: KeptReport): Promise<Buffer> {
  // Its checksum tells a damaged file. The fastest level: the next ones save a tenth and take twice as long.
  const packed = createGzip({ level: constants.Z_BEST_SPEED });
  const [bytes] = await Promise.all([buffer(packed), pipeline(linesOf(kept), packed)]);
  return bytes;
}

function* linesOf({ key, madeAt, report }: KeptReport): Generator<string, void> {
  const { judgement, graph, leaks, causes, observations, usedDefaults, filesRead, sources, ...rest } = report;
  const head = {
    version: formatVersion,
    key,
    madeAt: madeAt.getTime(),
    ...rest,
    bySystem: [...judgement.bySystem],
    timings: [...report.timings],
  };
  yield `${JSON.stringify(head)}\n`;
  const parts = encodeGraph(graph);
  for (;;) {
    const { done, value } = parts.next();
    yield `${JSON.stringify(done === true ? { kind: 'tables', tables: value } : { kind: 'derivations', part: value })}\n`;
    if (done === true) break;
  }
  yield* listLines('leaks', leaks);
  yield* listLines('causes', causes);
  yield* listLines('observations', observations);
  if (usedDefaults) yield* listLines('usedDefaults', usedDefaults);
  if (filesRead) yield* listLines('filesRead', filesRead);
  yield* listLines('sources', sources);
}

/** The lines of a list: at least one, so that an empty one is told from none. */
function* listLines(kind: string, elements: Iterable<unknown>): Generator<string, void> {
  let texts: string[] = [];
  let length = 0;
  const line = (): string => `{"kind":"${kind}","elements":[${texts.join(',')}]}\n`;
  for (const element of elements) {
    if (length > longestLine) {
      yield line();
      [texts, length] = [[], 0];
    }
    const text = JSON.stringify(element);
    texts.push(text);
    length += text.length;
  }
  yield line();
}

/** @throws UnreadableReportError */
export async function decodeReport(bytes: Buffer): Promise<KeptReport> {
  try {
    return await inSlices(readReport(await decompress(bytes)));
  } catch (error) {
    // Whatever goes wrong here, the bytes are at fault.
    throw new UnreadableReportError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** @throws Error where it is damaged, or too large */
async function decompress(bytes: Buffer): Promise<Buffer[]> {
  const unpacked = createGunzip({ chunkSize: pieceBytes });
  unpacked.end(bytes);
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of unpacked) {
    if (!Buffer.isBuffer(piece)) throw new Error('it is no text');
    length += piece.length;
    if (length > mostBytes) throw new Error(`it has more than ${mostBytes} bytes`);
    pieces.push(piece);
  }
  return pieces;
}

/** To put all pieces together as one would take long: they have tens of MB. */
const pieceBytes = 64 * 1024;

/** @throws Error where it is no report of this version */
function* readReport(bytes: readonly Buffer[]): Steps<KeptReport> {
  const lines = jsonLines(bytes);
  // oxlint-disable-next-line no-unused-vars -- what is left is the report's
  const { version, key, madeAt, bySystem, timings, ...rest } = headSchema.parse(lines.next().value);
  const pieces = new StoredPieces();
  for (const line of lines) {
    pieces.add(line);
    yield;
  }
  const { leaks, causes, observations, usedDefaults, filesRead, sources } = pieces;
  const graph = yield* decodeGraph(pieces.tables, pieces.parts);
  for (const leak of leaks) {
    checkLeak(leak, graph);
    if (causes[leak.cause] === undefined) throw new RangeError(`there is no cause ${leak.cause}`);
    yield;
  }
  for (const observation of observations) {
    checkObservation(observation, graph);
    yield;
  }
  const report: Report = {
    ...rest,
    graph,
    judgement: { leaks: leaks.map(withoutSource), bySystem: new Map(bySystem) },
    leaks,
    causes,
    observations,
    ...(usedDefaults && { usedDefaults }),
    ...(filesRead && { filesRead }),
    timings: new Map(timings),
    sources: new Map(sources),
  };
  return { key, madeAt: new Date(madeAt), report };
}

/** Yields what each line says. */
function* jsonLines(pieces: readonly Buffer[]): Generator<unknown, undefined> {
  /** The start of a line that goes on in the next piece. */
  let open: Buffer[] = [];
  for (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      const line = Buffer.concat([...open, piece.subarray(start, end)]);
      open = [];
      start = end + 1;
      yield JSON.parse(line.toString());
    }
    if (start < piece.length) open.push(piece.subarray(start));
  }
  if (open.length > 0) throw new Error('its last line is cut off');
  return undefined;
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
