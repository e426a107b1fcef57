/** Which of two ways a version of Nix takes to cut `builders` into entries. */
export type EntryRules = 'by-line' | 'by-separator';

/**
 * Cuts the value of `builders`, or the content of a machines file, into its
 * entries: one a line or between semicolons (Nix source, `machines.cc`,
 * `expandBuilderLines`).
 * - `by-line`: a comment ends with its line; entries are trimmed, blank ones skipped;
 * - `by-separator`, up to 2.28.1: a comment ends with its entry, and nothing is
 *   trimmed: a blank entry is a machine without a name, and `@` with a space
 *   before it is no file.
 */
export function machineEntries(text: string, rules: EntryRules): string[] {
  const withoutComment = (line: string): string => line.replace(/#.*$/s, '');
  const entries =
    rules === 'by-line'
      ? text.split('\n').flatMap((line) => withoutComment(line).split(';').map(trim))
      : text.split(/[\n;]/).map(withoutComment);
  return entries.filter((entry) => entry !== '');
}

/** Nix's own idea of white space. */
export function trim(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text.charAt(start))) start++;
  while (end > start && isSpace(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(character: string): boolean {
  return /[ \t\n\r]/.test(character);
}
