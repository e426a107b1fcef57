/**
 * A map from many texts, to which adding one never takes long. V8 copies a map
 * as a whole whenever it has doubled, and looks at each of its texts again: of
 * 260,000 store paths that takes 60 ms. Here it copies one of many small maps.
 */
export class PartedMap<Value> {
  readonly #parts: (Map<string, Value> | undefined)[] = new Array<undefined>(partCount).fill(undefined);

  get(text: string): Value | undefined {
    return this.#parts[partOf(text)]?.get(text);
  }

  set(text: string, value: Value): void {
    const number = partOf(text);
    const part = this.#parts[number];
    if (part) part.set(text, value);
    else this.#parts[number] = new Map([[text, value]]);
  }

  /** How many texts each of the small maps has. */
  get sizes(): number[] {
    return this.#parts.map((part) => part?.size ?? 0);
  }
}

/** A power of two. */
const partCount = 256;

/** Texts that differ in a few characters only, as store paths do, come to be in different parts. */
function partOf(text: string): number {
  let hash = text.length;
  // Of a store path every third character is enough: 32 of them are a hash.
  const distance = text.length > 40 ? 3 : 1;
  for (let index = text.length - 1; index >= 0; index -= distance)
    hash = (hash * 31 + text.charCodeAt(index)) | 0;
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (partCount - 1);
}
