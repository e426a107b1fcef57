import type { ScriptUse } from '../model/judgement.ts';
import { ShownLines, type Script } from './buildUses.ts';
import { invocationsOf } from './invocations.ts';
import type { ShellParser } from './shellParser.ts';
import { walkScript } from './walkScript.ts';

/** A place at which a script starts a program by its bare name. */
export interface StartedName extends ScriptUse {
  /** The script goes on where it fails. */
  readonly mayFail: boolean;
}

/** Where scripts start programs by their bare names, which the shell looks up in `PATH`. */
export type StartedNames = ReadonlyMap<string, readonly StartedName[]>;

/**
 * Finds where scripts start some programs by name. What one of the scripts
 * defines as a function is no program.
 *
 * @param names the programs that are looked for
 */
export function findStartedNames(
  scripts: readonly Script[],
  names: ReadonlySet<string>,
  parser: ShellParser,
): StartedNames {
  const found = new Map<string, StartedName[]>();
  const functions = new Set<string>();
  for (const { variable, text } of scripts) {
    if (![...names].some((name) => text.includes(name))) continue;
    const lines = new ShownLines(text);
    walkScript(text, parser, new Map(), {
      command: ({ words, mayFail }) => {
        for (const invocation of invocationsOf(words)) {
          if (invocation.kind === 'script') continue;
          const { values, line } = invocation.program;
          const [name = ''] = values;
          if (!names.has(name)) continue;
          const use = { variable, line, text: lines.at(line), mayFail };
          const known = found.get(name);
          if (known) known.push(use);
          else found.set(name, [use]);
        }
      },
      assignment: () => undefined,
      defined: (name) => functions.add(name),
    });
  }
  for (const name of functions) found.delete(name);
  return found;
}
