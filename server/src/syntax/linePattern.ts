/** So many characters of a line tell it from the others. */
export type Weight = number;

/**
 * May a text be what a line stands for, of which the pieces are written down
 * and what is between them is not known?
 *
 * @param pieces of a line, see {@link StringLine}
 * @param isCut only the beginning of the text is known
 * @returns how many of its characters are written down; undefined where it is another text
 */
export function weightOf(pieces: readonly string[], text: string, isCut = false): Weight | undefined {
  const [first = '', ...rest] = pieces;
  if (isCut && first.length > text.length) return first.startsWith(text) ? text.length : undefined;
  if (!text.startsWith(first)) return undefined;
  let weight = first.length;
  const last = rest.pop();
  if (last === undefined) return isCut || weight === text.length ? weight : undefined;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return isCut ? weight : undefined;
    at = found + piece.length;
    weight += piece.length;
  }
  if (isCut) return weight;
  return text.length - last.length >= at && text.endsWith(last) ? weight + last.length : undefined;
}

/** The words of a line, each in pieces as a line is: what stands between them is taken to be one word. */
export function wordsOf(pieces: readonly string[]): (readonly string[])[] {
  const words: string[][] = [[]];
  for (const piece of pieces) {
    const [first = '', ...others] = piece.split(/\s+/);
    words.at(-1)?.push(first);
    for (const other of others) words.push([other]);
  }
  return words.filter((word) => word.length > 1 || word[0] !== '');
}
