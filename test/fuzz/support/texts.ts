import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';

/** How deep generated values nest: deep enough to meet every form, not made to exhaust a stack. */
export const nesting = 4;

/** Any text that JSON can hold: line breaks, control characters, signs beyond the basic plane, lone surrogates. */
export const anyText = fc.string({ unit: 'binary', maxLength: 24 });
/** A text as it is once it was written as UTF-8: without lone surrogates. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Bytes as a Latin-1 text, so that the corpus stays readable. */
export const anyBytes = fc
  .uint8Array({ maxLength: 96 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));

/** Any value of JSON, with words among its keys and texts that mean something to a reader. */
export function jsonWith(words: readonly string[]): fc.Arbitrary<unknown> {
  const word = fc.oneof(fc.constantFrom(...words), anyText);
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: nesting },
      fc.oneof(word, fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(word, tie('value'), { maxKeys: 5, noNullPrototype: true }),
    ),
  })).value;
}

/** A change of a text: what stands from `at` on for `length` characters becomes `text`. */
export interface Change {
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

export const changeForm = z.object({ at: z.number(), length: z.number(), text: z.string() });

/** Changes anywhere, with pieces that a text of this kind is made of. */
export function changes(pieces: readonly string[], most = 4): fc.Arbitrary<Change[]> {
  const change = fc.record({
    at: fc.nat(2000),
    length: fc.oneof(fc.constant(0), fc.nat(6), fc.nat(200)),
    text: fc.oneof(fc.constantFrom('', ...pieces), fc.string({ unit: 'binary', maxLength: 3 })),
  });
  return fc.array(change, { minLength: 1, maxLength: most });
}

/** The place of a change in a text, which may be shorter than the place. */
export function placeOf({ at, length }: Change, text: string): { start: number; end: number } {
  const start = at % (text.length + 1);
  return { start, end: Math.min(text.length, start + length) };
}

export function changed(text: string, all: readonly Change[]): string {
  let now = text;
  for (const change of all) {
    const { start, end } = placeOf(change, now);
    now = now.slice(0, start) + change.text + now.slice(end);
  }
  return now;
}

/** What a reader gives, or undefined where it refuses with an error of its own; any other exception is a fault. */
export function refusedOr<Value>(
  refusal: new (...given: never[]) => Error,
  read: () => Value,
): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof refusal && !(error instanceof RangeError)) return undefined;
    throw error;
  }
}

/** Fails where a range does not lie within a text of so many lines. */
export function assertInside(
  range: { start: { line: number; character: number }; end: { line: number; character: number } },
  text: string,
): void {
  const lines = text.split(/\r\n|\r|\n/);
  for (const { line, character } of [range.start, range.end]) {
    assert.ok(line >= 0 && line < lines.length, `line ${line} of ${lines.length}`);
    assert.ok(
      character >= 0 && character <= (lines[line] ?? '').length,
      `column ${character} of line ${line}`,
    );
  }
  const { start, end } = range;
  assert.ok(start.line < end.line || (start.line === end.line && start.character <= end.character));
}
