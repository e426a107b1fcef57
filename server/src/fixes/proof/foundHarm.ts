/** Something that became wrong, or became another thing without having been wrong. */
export interface Harm {
  /** Without a full stop. */
  readonly reason: string;
  /** The name of the derivation that it is about. */
  readonly name: string;
}
