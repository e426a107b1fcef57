import type { Position, Range } from '../model/location.ts';
import { isActive, type Snapshot, type TargetEntry } from './snapshot.ts';

/**
 * The target whose attribute is at a position: the smallest range that holds
 * it; else the nearest that begins before it; else one that is the file's own
 * value. Among several at one place an active one.
 */
export function targetAt(snapshot: Snapshot, file: string, position: Position): TargetEntry | undefined {
  const { targets = [], targetRanges } = snapshot;
  const here = targets.flatMap((entry) => {
    const range = entry.source?.file === file ? targetRanges.locate(entry.source) : undefined;
    return range ? [{ entry, range, isActive: isActive(entry, snapshot) }] : [];
  });
  const preferActive = (one: { isActive: boolean }, other: { isActive: boolean }): number =>
    Number(other.isActive) - Number(one.isActive);
  const around = here
    .filter(({ range }) => compare(range.start, position) <= 0 && compare(position, range.end) <= 0)
    .sort((one, other) => compareSize(one.range, other.range) || preferActive(one, other));
  const before = here
    .filter(({ range }) => compare(range.start, position) <= 0)
    .sort((one, other) => compare(other.range.start, one.range.start) || preferActive(one, other));
  const whole = targets.find(
    ({ target }) => target.kind === 'file' && target.file === file && target.attribute === '',
  );
  return (around[0] ?? before[0])?.entry ?? whole;
}

function compare(one: Position, other: Position): number {
  return one.line - other.line || one.character - other.character;
}

/** Of two ranges that hold one position: the one that begins later, or ends earlier, is smaller. */
function compareSize(one: Range, other: Range): number {
  return compare(other.start, one.start) || compare(one.end, other.end);
}
