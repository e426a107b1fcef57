import type { Range, SourceRange } from '../model/location.ts';
import { indexLines, type LineIndex } from '../syntax/lines.ts';
import type { DocumentChange, OpenDocument } from './documents.ts';
import { editsBetween } from './editsBetween.ts';
import { TextMap } from './textMap.ts';

/** How one file's older text relates to its current one. */
interface TrackedFile {
  readonly baseline: string;
  readonly before: LineIndex;
  readonly now: LineIndex;
  readonly map: TextMap;
}

/**
 * Finds ranges of older texts (those that were evaluated) again in the
 * documents as they are now. Immutable; files that are not open, or whose text
 * is still the older one, keep their ranges, and so do files whose older text
 * is not known.
 */
export class RangeTracker {
  /** The older texts where they are known. */
  readonly #baselines: ReadonlyMap<string, string>;
  /** Open files whose text is no longer the older one. */
  readonly #changed: ReadonlyMap<string, TrackedFile>;

  private constructor(baselines: ReadonlyMap<string, string>, changed: ReadonlyMap<string, TrackedFile>) {
    this.#baselines = baselines;
    this.#changed = changed;
  }

  /** @param baselines the older texts by absolute path */
  static from(baselines: ReadonlyMap<string, string>, documents: Iterable<OpenDocument>): RangeTracker {
    let tracker = new RangeTracker(baselines, new Map());
    for (const document of documents) tracker = tracker.opened(document);
    return tracker;
  }

  opened(document: OpenDocument): RangeTracker {
    const baseline = this.#baselines.get(document.file);
    if (baseline === undefined) return this;
    return this.#with(document.file, baseline, mapBetween(baseline, document.text), document);
  }

  changed({ document, edits }: DocumentChange): RangeTracker {
    const baseline = this.#baselines.get(document.file);
    if (baseline === undefined) return this;
    let map = this.#changed.get(document.file)?.map ?? TextMap.identity(baseline.length);
    for (const { edit, after } of edits) map = map.edited(edit, after);
    return this.#with(document.file, baseline, map, document);
  }

  /** Takes what open files hold on disk for their older texts, where these are not known. */
  learned(read: readonly { readonly document: OpenDocument; readonly text: string }[]): RangeTracker {
    const news = read.filter(({ document }) => !this.#baselines.has(document.file));
    if (news.length === 0) return this;
    const texts = news.map(({ document, text }) => [document.file, text] as const);
    const known = new RangeTracker(new Map([...this.#baselines, ...texts]), this.#changed);
    return news.reduce((ranges, { document }) => ranges.opened(document), known);
  }

  closed(file: string): RangeTracker {
    if (!this.#changed.has(file)) return this;
    const changed = new Map(this.#changed);
    changed.delete(file);
    return new RangeTracker(this.#baselines, changed);
  }

  /** Where a range stands in the current text; undefined where that text was changed. */
  locate({ file, range }: SourceRange): Range | undefined {
    const tracked = this.#changed.get(file);
    if (!tracked) return range;
    const { before, now, map } = tracked;
    const found = map.map(before.offsetAt(range.start), before.offsetAt(range.end));
    return found && now.rangeOf(found);
  }

  /** The range of the older text outside of which nothing stands within a range of the current one. */
  around({ file, range }: SourceRange): Range {
    const tracked = this.#changed.get(file);
    if (!tracked) return range;
    const { before, now, map } = tracked;
    return before.rangeOf(map.around(now.offsetAt(range.start), now.offsetAt(range.end)));
  }

  /** True where the current text of an open file differs from the older one. */
  isChanged(file: string): boolean {
    return this.#changed.has(file);
  }

  /** Open files whose current text differs from the older one. */
  get changedFiles(): Iterable<string> {
    return this.#changed.keys();
  }

  /** Files whose older text is known, with that text. */
  get baselines(): ReadonlyMap<string, string> {
    return this.#baselines;
  }

  #with(file: string, baseline: string, map: TextMap, document: OpenDocument): RangeTracker {
    if (baseline === document.text) return this.closed(file);
    const before = this.#changed.get(file)?.before ?? indexLines(baseline);
    return new RangeTracker(
      this.#baselines,
      new Map(this.#changed).set(file, { baseline, before, now: document.lines, map }),
    );
  }
}

function mapBetween(before: string, after: string): TextMap {
  return editsBetween(before, after).reduce(
    (map, { edit, after: text }) => map.edited(edit, text),
    TextMap.identity(before.length),
  );
}

/** Finds ranges of one text in another; undefined where that was changed. */
export function rangeCarrier(before: string, after: string): (range: Range) => Range | undefined {
  if (before === after) return (range) => range;
  const map = mapBetween(before, after);
  const [linesBefore, linesAfter] = [indexLines(before), indexLines(after)];
  return ({ start, end }) => {
    const found = map.map(linesBefore.offsetAt(start), linesBefore.offsetAt(end));
    return found && linesAfter.rangeOf(found);
  };
}
