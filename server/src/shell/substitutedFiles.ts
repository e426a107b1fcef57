import { ShownLines, type Script } from './buildUses.ts';
import type { Destinations } from './destinations.ts';
import { findUsesInText, type InstalledUse } from './installedUses.ts';
import { programName } from './invocations.ts';
import type { ShellParser } from './shellParser.ts';
import type { Word } from './shellWords.ts';
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
 * "substituteAll"): `@shell@` is the shell of the build there. So does
 * `substitute file $out/bin/x --replace @tool@ …` where the text goes on from a
 * package to its program: `@tool@/bin/x`.
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
    if (!/\bsubstitute(?:All)?\s/.test(text)) continue;
    const lines = new ShownLines(text);
    walkScript(text, parser, new Map([['src', [variables.get('src') ?? '']]]), {
      command({ words }) {
        const [program, file, target, ...options] = words;
        if (program === undefined || file === undefined || target === undefined) return;
        const name = programName(program);
        if (!/^substitute(?:All)?$/.test(name) || !destinations.areInstalled(target.values)) return;
        const source = sourceText(file.values[0] ?? '') ?? '';
        const place = { variable, line: program.line, text: lines.at(program.line) };
        const isProgram = variables.get('isExecutable') === '1';
        const found =
          name === 'substituteAll'
            ? findSubstitutedWords(source, variables, builder, wanted)
            : findUsesInText(withPackages(source, options, wanted), variable, wanted, parser, isProgram);
        const once = new Map(found.map((use) => [use.path.storePath, use]));
        for (const { kind, path } of once.values()) uses.push({ kind, path, ...place });
      },
      assignment: () => undefined,
    });
  }
  return uses;
}

/** A text that grows beyond this is no script that people write. */
const maximumLength = 1024 * 1024;

/** A text with packages in the place of words; what is more than a package is a replacement wherever it stands. */
function withPackages(source: string, options: readonly Word[], wanted: WantedPaths): string {
  let text = source;
  for (const [index, { values }] of options.entries()) {
    if (text.length > maximumLength) return source;
    const [option = ''] = values;
    const from = options[index + 1]?.values[0] ?? '';
    const to = options[index + 2]?.values[0] ?? '';
    if (from === '' || wanted.atStartOf(to)?.inner !== '') continue;
    if (/^--replace(?:-fail|-warn|-quiet)?$/.test(option)) text = text.replaceAll(from, () => to);
    else if (option === '--subst-var-by') text = text.replaceAll(`@${from}@`, () => to);
  }
  return text.length > maximumLength ? source : text;
}
