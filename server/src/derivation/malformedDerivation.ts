/** A .drv file, or the JSON of one, is not what Nix writes. */
export class MalformedDerivationError extends Error {
  override readonly name = 'MalformedDerivationError';
  readonly drvPath: string;
  /** Byte offset in the file; undefined where the derivation came as JSON. */
  readonly offset: number | undefined;
  readonly expected: string;
  readonly found: string;

  /** @param place the byte offset, or the key in the JSON */
  constructor(drvPath: string, place: number | string, expected: string, found: string) {
    const where = typeof place === 'number' ? `byte ${place}` : place;
    super(`${drvPath}: ${where}: expected ${expected}, found ${found}`);
    this.drvPath = drvPath;
    this.offset = typeof place === 'number' ? place : undefined;
    this.expected = expected;
    this.found = found;
  }
}
