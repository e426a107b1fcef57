import { ShownLines, type Script } from './buildUses.ts';
import type { Destinations } from './destinations.ts';
import type { InstalledUse } from './installedUses.ts';
import { programName } from './invocations.ts';
import type { ShellParser } from './shellParser.ts';
import { findSubstitutedWords } from './substitutedWords.ts';
import { walkScript } from './walkScript.ts';
import type { WantedPaths } from './wantedPaths.ts';

/** What the words of a file are replaced by. */
export interface Substitution {
  readonly variables: ReadonlyMap<string, string>;
  /** The program that builds the derivation. */
  readonly builder: string;
  /** The text of a file in the store; undefined where it cannot be read. */
  readonly sourceText: (path: string) => string | undefined;
}

/**
 * Finds wanted paths that a phase writes into what it installs by
 * `substituteAll file $out/bin/x` (nixpkgs manual, "Standard environment",
 * "substituteAll"): `@shell@` is the shell of the build there.
 */
export function findSubstitutedFiles(
  scripts: readonly Script[],
  { variables, builder, sourceText }: Substitution,
  wanted: WantedPaths,
  destinations: Destinations,
  parser: ShellParser,
): InstalledUse[] {
  const uses: InstalledUse[] = [];
  for (const { variable, text } of scripts) {
    if (!/\bsubstituteAll\b/.test(text)) continue;
    const lines = new ShownLines(text);
    walkScript(text, parser, new Map(), {
      command({ words }) {
        const [program, file, target] = words;
        if (program === undefined || file === undefined || target === undefined) return;
        if (programName(program) !== 'substituteAll' || !destinations.areInstalled(target.values)) return;
        const source = sourceText(file.values[0] ?? '') ?? '';
        const place = { variable, line: program.line, text: lines.at(program.line) };
        const found = findSubstitutedWords(source, variables, builder, wanted);
        const once = new Map(found.map((use) => [use.path.storePath, use]));
        for (const { kind, path } of once.values()) uses.push({ kind, path, ...place });
      },
      assignment: () => undefined,
    });
  }
  return uses;
}
