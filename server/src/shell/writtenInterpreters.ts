import type { ScriptUse } from '../model/judgement.ts';
import { programName } from './invocations.ts';
import type { ShellCommand } from './walkScript.ts';
import type { PathInStore, WantedPaths } from './wantedPaths.ts';
import type { Word } from './shellWords.ts';

/** A place at which a wanted path is written into a file as its interpreter. */
export type WrittenInterpreter = ScriptUse & { readonly path: PathInStore };

/**
 * Remembers which files of the build folder get a wanted path as their
 * interpreter, by `sed -i`, `substituteInPlace`, `echo` or `cat`: who starts
 * such a file starts the interpreter.
 */
export class WrittenInterpreters {
  readonly #wanted: WantedPaths;
  readonly #byFile = new Map<string, WrittenInterpreter>();

  constructor(wanted: WantedPaths) {
    this.#wanted = wanted;
  }

  /** Can a script start one of the files? */
  mayBeRunIn(text: string): boolean {
    return [...this.#byFile.keys()].some((file) => text.includes(file));
  }

  /** The interpreter of a file that is started: by a path, since the shell looks up a bare name elsewhere. */
  of({ values }: Word): WrittenInterpreter[] {
    return values.flatMap((value) => (value.includes('/') ? (this.#byFile.get(inFolder(value)) ?? []) : []));
  }

  /** @param placeOf where in its script a line stands */
  read({ words, writesTo, input }: ShellCommand, placeOf: (line: number) => ScriptUse): void {
    const [program, ...rest] = words;
    if (program === undefined) return;
    const name = programName(program);
    const isPrinted = writesTo.length > 0 && /^(?:cat|echo|printf)$/.test(name);
    const changesInPlace =
      name === 'substituteInPlace' ||
      (name === 'sed' && rest.some(({ values }) => /^-[a-zA-Z]*i/.test(values[0] ?? '')));
    if (!isPrinted && !changesInPlace) return;
    const texts = [...rest, ...(isPrinted && input ? [input] : [])];
    for (const { values, line } of texts) {
      const path = values.flatMap((value) => this.#interpreterIn(value, isPrinted)).at(0);
      if (path === undefined) continue;
      const files = isPrinted ? writesTo : rest.flatMap((word) => word.values);
      for (const file of files) {
        if (!/^[$/-]|\s/.test(file)) this.#byFile.set(inFolder(file), { ...placeOf(line), path });
      }
    }
  }

  /** In a text that is the whole file the interpreter stands at its beginning. */
  #interpreterIn(text: string, isWhole: boolean): PathInStore[] {
    const written = isWhole ? /^\s*#!\s*(\/\S+)/.exec(text) : /#!\s*(\/\S+)/.exec(text);
    const path = this.#wanted.atStartOf(written?.[1] ?? '');
    return path === undefined ? [] : [path];
  }
}

/** A path without what says that it starts in the working folder. */
function inFolder(path: string): string {
  return path.replace(/^(?:\.\/|\$PWD\/|\$\{PWD\}\/)+/, '');
}
