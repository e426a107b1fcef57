import type { Fix, SourceEdit } from '../fixes/fix.ts';
import { comparePositions, type Range, type SourceRange } from '../model/location.ts';
import { fileOfTarget } from '../model/target.ts';
import { workspaceFolders } from '../session/workspace.ts';
import { uriOfFile } from '../snapshot/documents.ts';
import type { Evaluation, Snapshot, View } from '../snapshot/snapshot.ts';

export { comparePositions };

/** The URI by which the client knows a file. */
export function uriIn({ documents }: Snapshot, file: string): string {
  return documents.get(file)?.uri ?? uriOfFile(file);
}

/** True for the files of the workspace. */
export function isOwn(file: string, snapshot: Snapshot): boolean {
  return workspaceFolders(snapshot).some((root) => file.startsWith(`${root}/`));
}

/** Where a range of the evaluation's report stands now. */
export function locate({ evaluation }: View, source: SourceRange): Range | undefined {
  return evaluation.evaluated.ranges.locate(source);
}

/** A repair's edits in the current texts; undefined where one of its places was changed. */
export function editsNow({ edits }: Fix, view: View): SourceEdit[] | undefined {
  const placed = edits.flatMap(({ file, range, newText }): SourceEdit[] => {
    const now = locate(view, { file, range });
    return now ? [{ file, range: now, newText }] : [];
  });
  return placed.length === edits.length && placed.length > 0 ? placed : undefined;
}

/** A range of the text that was evaluated, outside of which nothing stands within a range of the current one. */
export function around({ evaluation }: View, source: SourceRange): Range {
  return evaluation.evaluated.ranges.around(source);
}

/**
 * Where to tell of something that has no place of its own: the target's
 * attribute, else the first line of its file; undefined for a target without a file.
 */
export function attributePlaceOf(
  { entry }: Pick<Evaluation, 'entry'>,
  { targetRanges }: Snapshot,
): SourceRange | undefined {
  const { source, target } = entry;
  const range = source && targetRanges.locate(source);
  if (source && range) return { file: source.file, range };
  const file = source?.file ?? fileOfTarget(target);
  return file === undefined ? undefined : { file, range: firstLine };
}

const firstLine: Range = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };

/** True where two ranges share a position, touching ones included. */
export function touches(one: Range, other: Range): boolean {
  return comparePositions(one.start, other.end) <= 0 && comparePositions(other.start, one.end) <= 0;
}

export function isSamePlace(one: SourceRange, other: SourceRange): boolean {
  return one.file === other.file && isSameRange(one.range, other.range);
}

export function isSameRange(one: Range, other: Range): boolean {
  return comparePositions(one.start, other.start) === 0 && comparePositions(one.end, other.end) === 0;
}
