import { leadingCount } from '../model/leadingCount.ts';

/** Replaces the UTF-16 code units from `start` to `end` of a text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** A stretch of an older text that stands unchanged in the current one. */
interface Kept {
  readonly from: number;
  readonly to: number;
  /** Where it begins now. */
  readonly now: number;
}

/**
 * Maps stretches of an older text to where they stand in the current one.
 * What lies before an edit stays, what lies behind it moves, and what an edit
 * overlaps or extends (`hello` becoming `hello-wayland` or `hello.dev`) is gone.
 * Immutable.
 */
export class TextMap {
  readonly #kept: readonly Kept[];

  private constructor(kept: readonly Kept[]) {
    this.#kept = kept;
  }

  /** The map of a text of this length onto itself. */
  static identity(length: number): TextMap {
    return new TextMap([{ from: 0, to: length, now: 0 }]);
  }

  /** The map after one more edit of the current text; `after` is the text that it produced. */
  edited(edit: TextEdit, after: string): TextMap {
    const editEnd = edit.start + edit.newText.length;
    const shift = editEnd - edit.end;
    const trimLeft = gluesNames(after, edit.start) ? 1 : 0;
    const trimRight = gluesNames(after, editEnd) ? 1 : 0;
    // What lies before the edit stays as it is, and what lies behind it is only moved.
    const first = leadingCount(this.#kept, ({ from, to, now }) => now + (to - from) < edit.start);
    const behind = leadingCount(this.#kept, ({ now }) => now <= edit.end);
    const pieces = this.#kept.slice(first, behind).flatMap(({ from, to, now }) => {
      const end = now + (to - from);
      const leftEnd = end < edit.start ? end : edit.start - trimLeft;
      const rightStart = now > edit.end ? now : edit.end + trimRight;
      return [
        { from, to: from + (leftEnd - now), now },
        { from: from + (rightStart - now), to, now: rightStart + shift },
      ];
    });
    const rest = this.#kept.slice(behind);
    const moved =
      shift === 0 ? rest : rest.map(({ from, to, now }): Kept => ({ from, to, now: now + shift }));
    const joined = joinNeighbours([
      ...this.#kept.slice(Math.max(0, first - 1), first),
      ...pieces.filter(({ from, to }) => from < to),
      ...moved.slice(0, 1),
    ]);
    return new TextMap([...this.#kept.slice(0, Math.max(0, first - 1)), ...joined, ...moved.slice(1)]);
  }

  /** Where a stretch of the older text stands now; undefined where it was changed. */
  map(start: number, end: number): { readonly start: number; readonly end: number } | undefined {
    const part = this.#lastWhere(({ from }) => from <= start);
    if (!part || end > part.to) return undefined;
    return { start: start - part.from + part.now, end: end - part.from + part.now };
  }

  /** The stretch of the older text outside of which nothing stands within a stretch of the current one. */
  around(start: number, end: number): { readonly start: number; readonly end: number } {
    const first = this.#lastWhere(({ now }) => now <= start);
    const last = this.#lastWhere(({ now }) => now <= end);
    return {
      start: first ? Math.min(first.from + start - first.now, first.to) : 0,
      end: last ? Math.min(last.from + end - last.now, last.to) : 0,
    };
  }

  /** The last stretch for which something is true that is true of all before it. */
  #lastWhere(isSo: (kept: Kept) => boolean): Kept | undefined {
    return this.#kept[leadingCount(this.#kept, isSo) - 1];
  }
}

/** The smallest single edit that turns one text into another; undefined where they are the same. */
export function editBetween(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail += 1;
  }
  return { start, end: before.length - tail, newText: after.slice(start, after.length - tail) };
}

/** True where an edit's boundary runs through what now is one name or attribute selection. */
function gluesNames(text: string, boundary: number): boolean {
  return isNamePart(text.charAt(boundary - 1)) && isNamePart(text.charAt(boundary));
}

function isNamePart(character: string): boolean {
  return /^[\w'.-]$/.test(character);
}

/** Joins stretches that touch in both texts, so that an edit that was taken back leaves no trace. */
function joinNeighbours(pieces: readonly Kept[]): Kept[] {
  const joined: Kept[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.to === piece.from && last.now + (last.to - last.from) === piece.now) {
      joined[joined.length - 1] = { ...last, to: piece.to };
    } else {
      joined.push(piece);
    }
  }
  return joined;
}
