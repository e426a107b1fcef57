/**
 * Up to where a text is understood. What people and generators write stays far
 * below: `all-packages.nix` has 0.7 million characters, the 13,800 packages of
 * Haskell have 6 million. No time is measured: a busy machine must not
 * understand less than an idle one.
 */
export const textLimits = {
  /** UTF-16 code units. */
  length: 8 * 1024 * 1024,
  /**
   * Progress reports of the parser, one for each hundred of its operations or
   * so: the packages of Haskell take 60,000. What it costs to parse a text, to
   * build its tree and to keep it follows from that, not from its length, its
   * lines or the length of these.
   */
  reports: 80_000,
  /** Expressions within one another. The deepest file of nixpkgs has 252; the stack holds twice as many. */
  depth: 400,
} as const;

/** A text is beyond one of the limits; the message goes on from "This file is only highlighted:". */
export class TextLimitError extends Error {
  override readonly name = 'TextLimitError';

  constructor(limit: keyof typeof textLimits) {
    super(reasons[limit]);
  }
}

const reasons: Readonly<Record<keyof typeof textLimits, string>> = {
  length: `it has more than ${textLimits.length / 2 ** 20} million characters`,
  reports: 'there is more in it than can be kept, about a million values',
  depth: `its expressions are nested more than ${textLimits.depth} levels deep`,
};
