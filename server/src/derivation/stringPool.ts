import { PartedMap } from '../model/partedMap.ts';

/**
 * Keeps one copy of every string of a closure: the same store paths occur in
 * many derivations. The copies share no memory with the texts that they were
 * cut out of; V8 makes slices of 13 characters and more by reference, so that a
 * kept slice would keep a whole .drv file.
 */
export class StringPool {
  readonly #strings = new PartedMap<string>();
  readonly #scratch = Buffer.allocUnsafeSlow(512);

  /** The kept copy of an ASCII string. */
  keep(text: string): string {
    if (text.length < shortestReference) return text;
    const kept = this.#strings.get(text);
    if (kept !== undefined) return kept;
    const copy = this.copy(text);
    this.#strings.set(copy, copy);
    return copy;
  }

  /**
   * A copy of an ASCII string that is not looked for again. The only way to one
   * is through bytes; the usual lengths spare an allocation.
   */
  copy(text: string): string {
    const bytes = text.length <= this.#scratch.length ? this.#scratch : Buffer.allocUnsafe(text.length);
    return bytes.toString('latin1', 0, bytes.write(text, 'latin1'));
  }
}

/** V8's `SlicedString::kMinLength`. */
const shortestReference = 13;
