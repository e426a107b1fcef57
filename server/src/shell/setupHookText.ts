import { substitutedWord } from './substitutedWords.ts';

/** What takes the place of `@name@` in a text; undefined where nothing does. */
export type ValueOfWord = (name: string) => string | undefined;

/**
 * The file that a build command makes a setup hook of (nixpkgs source,
 * `makeSetupHook`): the last one that it copies, or writes with other words in
 * the place of some; undefined where there is none.
 */
export function fileOfHook(buildCommand: string): string | undefined {
  const written = buildCommand.matchAll(
    /^[^\S\n]*(?:cp|install|substituteAll|cat)\s+(?:-\S+\s+)*["']?(\/[^\s"']+)["']?\s+(?:>\s*)?["']?\$(?:out|\{out\})["']?\/nix-support\/setup-hook/gm,
  );
  return [...written].at(-1)?.[1];
}

/** So many characters take the place of words; no hook of nixpkgs comes near. */
const mostWritten = 1024 * 1024;

/** A text with what takes the place of its words, line by line as before. */
export function withWords(text: string, valueOf: ValueOfWord): string {
  let written = 0;
  return text.replace(substitutedWord, (word, name: string) => {
    const value = valueOf(name) ?? word;
    written += value.length;
    return written > mostWritten ? word : value;
  });
}
