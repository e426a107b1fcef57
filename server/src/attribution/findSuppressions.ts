import { decisiveCause, type AttributedLeak, type Report } from '../model/report.ts';
import type { DerivationId } from '../model/derivation.ts';
import { inSlices, type Steps } from '../model/slices.ts';
import type { Position, SourceRange } from '../model/location.ts';
import type {
  SourceSuppressions,
  Suppression,
  SuppressionPlace,
  SuppressionProblem,
} from '../model/suppression.ts';
import { isInCode, linesOf, stringAround } from '../syntax/commentPlace.ts';
import { indexLines } from '../syntax/lines.ts';
import { parseWithinLimits, type NixParser } from '../syntax/parser.ts';
import { mayHaveSuppressions, readSuppressions, type CommentedText } from '../syntax/suppressionComments.ts';

/** What is looked at of a report. */
type Suppressible = Pick<Report, 'leaks' | 'causes' | 'sources'>;

/** Of a report without suppressions and without leaks. */
export const noSuppressions: SourceSuppressions = {
  all: [],
  problems: [],
  byLeak: new Map(),
  places: new Map(),
};

/** Reads the suppressions of a report's texts. Where there is nothing to read, no grammar is loaded. */
export async function readSuppressionsOf(
  report: Suppressible,
  loadParser: () => Promise<NixParser>,
): Promise<SourceSuppressions> {
  return concernsSuppressions(report)
    ? inSlices(findSuppressions(report, await loadParser()))
    : noSuppressions;
}

/** False where {@link findSuppressions} would find nothing. */
function concernsSuppressions({ leaks, sources }: Pick<Report, 'leaks' | 'sources'>): boolean {
  return leaks.some(({ origins }) => origins.length > 0) || [...sources.values()].some(mayHaveSuppressions);
}

/**
 * Reads the suppressions of the texts that were evaluated. One belongs to a
 * leak where it speaks of a line at which the place to repair first starts, or
 * the cause; {@link linesOf} says which lines these are. Yields now and then.
 */
export function* findSuppressions(report: Suppressible, parser: NixParser): Steps<SourceSuppressions> {
  const all: Suppression[] = [];
  const problems: SuppressionProblem[] = [];
  const byLeak = new Map<DerivationId, Suppression[]>();
  const places = new Map<DerivationId, SuppressionPlace>();
  const leaksByFile = indexByFile(report);
  for (const [file, text] of report.sources) {
    const hasSome = mayHaveSuppressions(text);
    const isIn = (place: SourceRange | undefined): place is SourceRange => place?.file === file;
    const leaks = leaksByFile.get(file) ?? [];
    if (!hasSome && leaks.length === 0) continue;
    yield;
    const tree = yield* parseWithinLimits(parser, text);
    if (!tree) continue;
    try {
      const source: CommentedText = { file, text, root: tree.rootNode, lines: indexLines(text) };
      const read = hasSome ? readSuppressions(source) : { suppressions: [], problems: [] };
      all.push(...read.suppressions);
      problems.push(...read.problems);
      for (const leak of leaks) {
        const lines = placesOf(leak, report)
          .filter(isIn)
          .flatMap((place) => linesAt(place, source));
        const here = read.suppressions.filter(({ line }) => line !== undefined && lines.includes(line));
        if (here.length > 0) byLeak.set(leak.input, [...(byLeak.get(leak.input) ?? []), ...here]);
        const origin = leak.origins[0]?.source;
        if (isIn(origin)) places.set(leak.input, placeFor(origin, source));
      }
    } finally {
      tree.delete();
    }
  }
  return { all, problems, byLeak, places };
}

function placesOf(leak: AttributedLeak, report: Suppressible): SourceRange[] {
  return [leak.origins[0]?.source, decisiveCause(leak, report)?.source].flatMap((place) => place ?? []);
}

/** The leaks that come in, or have their cause, in each file. */
function indexByFile(report: Suppressible): ReadonlyMap<string, readonly AttributedLeak[]> {
  const index = new Map<string, AttributedLeak[]>();
  for (const leak of report.leaks) {
    for (const file of new Set(placesOf(leak, report).map((place) => place.file))) {
      const known = index.get(file);
      if (known) known.push(leak);
      else index.set(file, [leak]);
    }
  }
  return index;
}

function linesAt({ range }: SourceRange, source: CommentedText): number[] {
  const { lines } = source;
  return linesOf(lines.offsetAt(range.start), lines.offsetAt(range.end), source);
}

/**
 * A line of its own above the origin; inside a string there is none, and it goes
 * right before the origin. For what a string says it goes where the string's would.
 */
function placeFor(
  { file, range: { start: place } }: SourceRange,
  { text, root, lines }: CommentedText,
): SuppressionPlace {
  let offset = lines.offsetAt(place);
  for (let string = stringAround(offset, root); string; string = stringAround(offset, root))
    offset = string.startIndex;
  return placeAbove(file, lines.positionAt(offset), { text, root, lines });
}

function placeAbove(
  file: string,
  start: Position,
  { text, root, lines }: Omit<CommentedText, 'file'>,
): SuppressionPlace {
  const lineStart = { line: start.line, character: 0 };
  const offset = lines.offsetAt(lineStart);
  if (!isInCode(offset, root)) return { file, range: { start, end: start }, before: '/* ', after: ' */ ' };
  const indentation = /^[^\S\r\n]*/.exec(text.slice(offset, lines.offsetAt(start)))?.[0] ?? '';
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  return { file, range: { start: lineStart, end: lineStart }, before: `${indentation}# `, after: lineBreak };
}
