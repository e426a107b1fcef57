import type { ScriptUse } from '../model/judgement.ts';
import { ShownLines, type Script } from './buildUses.ts';
import { invocationsOf } from './invocations.ts';
import type { ShellParser } from './shellParser.ts';
import { walkScript } from './walkScript.ts';

/** A place at which a script starts a program that its own build has installed. */
export interface OwnProgramUse extends ScriptUse {
  /** As the script names it: `$out/bin/x`. */
  readonly program: string;
}

/** A program in an output, by the variable of that output. */
const installed = /^\$(?:\w+|\{!?\w+\})\/s?bin\/[^/\s]+$/;
const outputOf = /^\$\{?!?(?<output>\w+)/;

/**
 * Finds where the scripts of a build start programs of its own outputs. What a
 * script has written itself by then, or starts although it may fail, is left out.
 *
 * @param outputs the names of the derivation's outputs
 */
export function findOwnPrograms(
  scripts: readonly Script[],
  outputs: readonly string[],
  parser: ShellParser,
): OwnProgramUse[] {
  const known = new Set([...outputs, 'outputBin', 'outputDev', 'outputLib']);
  const uses: OwnProgramUse[] = [];
  const written = new Set<string>();
  for (const { variable, text } of scripts) {
    if (!/\/s?bin\//.test(text)) continue;
    const lines = new ShownLines(text);
    walkScript(text, parser, new Map(), {
      command: ({ words, mayFail, isTested, writesTo }) => {
        for (const file of writesTo) written.add(file);
        if (mayFail || isTested) return;
        for (const found of invocationsOf(words)) {
          if (found.kind !== 'program') continue;
          const { values, line } = found.program;
          const [program = ''] = values;
          const output = outputOf.exec(program)?.groups?.['output'] ?? '';
          if (installed.test(program) && known.has(output) && !written.has(program))
            uses.push({ program, variable, line, text: lines.at(line) });
        }
      },
      assignment: () => undefined,
    });
  }
  return uses;
}
