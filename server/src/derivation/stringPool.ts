/**
 * Keeps one copy of every string of a closure: the same store paths occur in
 * many derivations. The copies share no memory with the texts that they were
 * cut out of; V8 makes slices of 13 characters and more by reference, so that a
 * kept slice would keep a whole .drv file.
 */
export class StringPool {
  readonly #strings = new Map<string, string>();

  /** The kept copy of an ASCII string. */
  keep(text: string): string {
    const kept = this.#strings.get(text);
    if (kept !== undefined) return kept;
    const copy = Buffer.from(text, 'latin1').toString('latin1');
    this.#strings.set(copy, copy);
    return copy;
  }
}
