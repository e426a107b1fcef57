import { ShownLines } from './buildUses.ts';
import type { InstalledUse } from './installedUses.ts';
import type { WantedPaths } from './wantedPaths.ts';

/** What `substituteAll` replaces: variables whose names begin with a small letter (nixpkgs source, `stdenv/setup.sh`). */
export const substitutedWord = /@([a-z]\w*)@/g;

/**
 * Finds wanted paths that take the place of words in a file: `@name@` stands for
 * the variable of that name (nixpkgs source, `substitute-all.sh`). A derivation
 * whose builder is bash has it as `shell`, where it says nothing else
 * (nixpkgs source, `stdenv/setup.sh`).
 *
 * @param source the file's text
 * @param builder the program that builds the derivation
 */
export function findSubstitutedWords(
  source: string,
  variables: ReadonlyMap<string, string>,
  builder: string,
  wanted: WantedPaths,
): InstalledUse[] {
  const shown = new ShownLines(source);
  const uses: InstalledUse[] = [];
  const named = new Set<string>();
  for (const [index, text] of source.split('\n').entries()) {
    for (const [, name = ''] of text.matchAll(substitutedWord)) {
      const value = variables.get(name) ?? (name === 'shell' ? builder : '');
      const path = wanted.atStartOf(value);
      if (path === undefined) continue;
      const line = index + 1;
      uses.push({ kind: 'replacement', path, variable: 'src', line, text: shown.at(line) });
      // The path itself stands in the variable.
      if (variables.has(name) && !named.has(name))
        uses.push({ kind: 'replacement', path, variable: name, line: 1, text: value });
      named.add(name);
    }
  }
  return uses;
}
