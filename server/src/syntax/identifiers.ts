/** An identifier of the Nix language, as a pattern for a regular expression (Nix source: `ID` in `lexer.l`). */
export const identifierPattern = String.raw`[a-zA-Z_][a-zA-Z0-9_'-]*`;

const whole = new RegExp(`^${identifierPattern}$`);

/** Can a name stand in a text without quotes? Keywords are asked for by {@link isKeyword}. */
export function isIdentifier(name: string): boolean {
  return whole.test(name);
}

const keywords = new Set('assert else if in inherit let or rec then with'.split(' '));

/** Has the language a meaning of its own for this name? */
export function isKeyword(name: string): boolean {
  return keywords.has(name);
}
