import type { ScriptUse } from '../model/judgement.ts';
import { invocationsOf, programName, type CommandInvocation } from './invocations.ts';
import {
  holdsFlags,
  isForMake,
  mayNameProgram,
  namesGenerator,
  namesLoadedLibrary,
  namesProgram,
  programForMake,
  programInCapitals,
  programOfFlag,
  pythonOfOption,
  takesProgramFlags,
} from './programVariables.ts';
import { WrittenInterpreters } from './writtenInterpreters.ts';
import type { ShellParser } from './shellParser.ts';
import { newAllowance, walkScript, type ShellAssignment, type ShellCommand } from './walkScript.ts';
import type { PathInStore, WantedPaths } from './wantedPaths.ts';
import type { Values, ShellVariables, Word } from './shellWords.ts';

/**
 * How a script has a program run:
 * - `run`: it stands at a command position;
 * - `search-path`: its folder is put into `PATH`;
 * - `program-flag`: a flag or a variable tells another program to run it;
 * - `library-loaded`: a variable tells another program to load it;
 * - `program-named`: a flag names it, and whether the build runs it, and fails where that fails, is not known.
 */
export type RunKind = 'run' | 'search-path' | 'program-flag' | 'library-loaded' | 'program-named';

/** A place at which a script has a program of a wanted path run. */
export interface RunUse extends ScriptUse {
  readonly kind: RunKind;
  readonly path: PathInStore;
  /** The script goes on where it fails. */
  readonly mayFail: boolean;
}

/** A variable of a derivation that bash runs. */
export interface Script {
  readonly variable: string;
  readonly text: string;
}

/** `sh -c` within `sh -c`. */
const maximumNesting = 3;
/** Longer lines are cut in reports. */
const maximumLineLength = 200;

/**
 * Finds where scripts have programs of wanted paths run. Paths that are only
 * written somewhere (arguments, redirections, here-documents) are none.
 *
 * @param variables the variables that the scripts find set; those that they set are added
 */
export function findRunUses(
  scripts: readonly Script[],
  variables: ShellVariables,
  wanted: WantedPaths,
  parser: ShellParser,
): RunUse[] {
  const uses: RunUse[] = [];
  const interpreters = new WrittenInterpreters(wanted);
  for (const script of scripts) {
    if (!mayUse(script.text, variables, wanted) && !interpreters.mayBeRunIn(script.text)) continue;
    const finder = new RunFinder(script, variables, wanted, parser, interpreters);
    finder.read(script.text, 1, 0);
    for (const use of finder.uses) uses.push(use);
  }
  return uses;
}

/** Does a script mention a wanted path, by itself or by a variable that holds one? */
export function mayUse(text: string, variables: ShellVariables, wanted: WantedPaths): boolean {
  if (wanted.isIn(text)) return true;
  for (const [name, values] of variables) {
    if (
      (text.includes(`$${name}`) || text.includes(`\${${name}`)) &&
      values.some((value) => wanted.isIn(value))
    )
      return true;
  }
  return false;
}

/** Finds programs that a variable of the derivation makes other programs run; it is no script itself. */
export function findFlagUses(variable: string, value: string, wanted: WantedPaths): RunUse[] {
  const holds = holdsFlags(variable);
  const loads = namesLoadedLibrary(variable);
  const may = mayNameProgram(variable);
  if (!holds && !loads && !may && !namesProgram(variable) && !namesGenerator(variable, value.trim()))
    return [];
  const forMake = isForMake(variable);
  const lines = value.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  return lines.flatMap((text, index): RunUse[] => {
    const programs = holds
      ? text.split(/\s+/).map((flag) => programOfFlag(flag, forMake))
      : index === first
        ? [text.trim()]
        : [];
    const maybe = forMake ? programInCapitals : pythonOfOption;
    const named = holds ? text.split(/\s+/).map((flag) => maybe(flag)) : [];
    const use = (kind: RunKind, program: string | undefined): RunUse[] => {
      const path = program === undefined ? undefined : wanted.atStartOf(program);
      if (path === undefined || path.inner === '') return [];
      return [{ kind, path, variable, line: index + 1, text: shown(text), mayFail: false }];
    };
    return [
      ...programs.flatMap((program) =>
        use(loads ? 'library-loaded' : may ? 'program-named' : 'program-flag', program),
      ),
      ...named
        .filter((program) => !programs.includes(program))
        .flatMap((program) => use('program-named', program)),
    ];
  });
}

/** Finds programs that flags for make name by variables of any name. */
export function findGivenPrograms(variable: string, value: string, wanted: WantedPaths): RunUse[] {
  if (!isForMake(variable) || !wanted.isIn(value)) return [];
  return value.split('\n').flatMap((text, index) =>
    text.split(/\s+/).flatMap((flag): RunUse[] => {
      const path = wanted.atStartOf(programForMake(flag) ?? '');
      if (path === undefined) return [];
      return [{ kind: 'program-flag', path, variable, line: index + 1, text: shown(text), mayFail: false }];
    }),
  );
}

/** Finds the folders of programs in a `PATH` that a builder is started with. */
export function findPathUses(value: string, wanted: WantedPaths): RunUse[] {
  return value.split(':').flatMap((entry): RunUse[] => {
    const path = wanted.atStartOf(entry);
    if (path === undefined || !holdsPrograms(entry)) return [];
    return [{ kind: 'search-path', path, variable: 'PATH', line: 1, text: shown(value), mayFail: false }];
  });
}

/** The lines of a script, as reports show them. */
export class ShownLines {
  readonly #text: string;
  #lines: readonly string[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param line from one */
  at(line: number): string {
    this.#lines ??= this.#text.split('\n');
    return shown(this.#lines[line - 1] ?? '');
  }
}

function shown(line: string): string {
  const text = line.trim();
  return text.length > maximumLineLength ? `${text.slice(0, maximumLineLength - 1)}…` : text;
}

class RunFinder {
  readonly uses: RunUse[] = [];
  readonly #script: Script;
  readonly #lines: ShownLines;
  readonly #variables: ShellVariables;
  readonly #wanted: WantedPaths;
  readonly #parser: ShellParser;
  readonly #allowance = newAllowance();
  readonly #interpreters: WrittenInterpreters;
  #mayFail = false;

  constructor(
    script: Script,
    variables: ShellVariables,
    wanted: WantedPaths,
    parser: ShellParser,
    interpreters: WrittenInterpreters,
  ) {
    this.#script = script;
    this.#lines = new ShownLines(script.text);
    this.#interpreters = interpreters;
    this.#variables = variables;
    this.#wanted = wanted;
    this.#parser = parser;
  }

  /** Reads the script or a text that it has a shell run, which begins on a line of the script. */
  read(text: string, firstLine: number, nesting: number): void {
    walkScript(
      text,
      this.#parser,
      this.#variables,
      {
        command: (command) => this.#readCommand(command, nesting),
        assignment: (assignment) => this.#readAssignment(assignment),
      },
      firstLine,
      this.#allowance,
    );
  }

  #readCommand(command: ShellCommand, nesting: number): void {
    const around = this.#mayFail;
    this.#mayFail ||= command.mayFail;
    this.#readWords(command, nesting);
    this.#mayFail = around;
  }

  #readWords(command: ShellCommand, nesting: number): void {
    const { words, input } = command;
    const { variable } = this.#script;
    this.#interpreters.read(command, (line) => ({ variable, line, text: this.#lines.at(line) }));
    for (const found of invocationsOf(words)) {
      if (found.kind === 'script') this.#readInner(found.script.values, found.script.line, nesting);
      else this.#readInvocation(found);
    }
    const [program] = words;
    // `sh <<EOF`: a shell that is given its script.
    if (input && program && words.length === 1 && /^(?:ba)?sh$/.test(programName(program)))
      this.#readInner(input.values, input.line, nesting);
  }

  #readInner(values: Values, line: number, nesting: number): void {
    if (nesting >= maximumNesting) return;
    for (const text of values) {
      if (mayUse(text, this.#variables, this.#wanted)) this.read(text, line, nesting + 1);
    }
  }

  #readInvocation({ program, arguments: words }: CommandInvocation): void {
    this.#add('run', program, ([name = '']) => [name]);
    for (const written of this.#interpreters.of(program))
      this.uses.push({ kind: 'run', ...written, mayFail: this.#mayFail });
    const name = programName(program);
    if (name === 'addToSearchPath' || name === 'addToSearchPathWithCustomDelimiter') {
      if (words.some(({ values }) => values[0] === 'PATH'))
        for (const { values, line } of words) for (const value of values) this.#addEntries(value, line);
      return;
    }
    const isLauncher = name === 'env' || name === 'sudo';
    const started = program.values[0] ?? '';
    if (!isLauncher && !takesProgramFlags(started)) return;
    for (const word of words) {
      this.#add('program-flag', word, (tokens) => programsOf(tokens, isForMake(name)));
      for (const value of word.values) {
        if (value.startsWith('PATH=')) this.#addEntries(value.slice('PATH='.length), word.line);
      }
    }
  }

  #readAssignment({ name, values, line, exported }: ShellAssignment): void {
    if (name === 'PATH') for (const value of values) this.#addEntries(value, line);
    else if (exported && namesProgram(name))
      this.#add('program-flag', { values, line }, ([first = '']) => [first]);
    else if (holdsFlags(name))
      this.#add('program-flag', { values, line }, (tokens) => programsOf(tokens, isForMake(name)));
  }

  #addEntries(value: string, line: number): void {
    if (looksUp(this.#script.variable)) return;
    for (const entry of value.split(':'))
      this.#add('search-path', { values: [entry], line }, isFolderOfPrograms);
  }

  /** Adds the wanted paths among those of a word's tokens that are picked. */
  #add(kind: RunKind, { values, line }: Word, pick: (tokens: readonly string[]) => readonly string[]): void {
    for (const value of values) {
      for (const token of pick(value.split(/\s+/))) {
        const path = this.#wanted.atStartOf(token);
        if (path === undefined) continue;
        // A file that is an output is run; an output that is a folder is named by a flag for another reason.
        if (kind === 'program-flag' && path.inner === '') continue;
        const { variable } = this.#script;
        this.uses.push({ kind, path, variable, line, text: this.#lines.at(line), mayFail: this.#mayFail });
      }
    }
  }
}

/**
 * Before and while a package is configured, and in the fixup phase, programs are
 * looked up in `PATH` to have their paths written down (`AC_PATH_PROG`,
 * `patchShebangs`), which is right for those of the host platform.
 */
function looksUp(variable: string): boolean {
  return /(?:[Uu]npack|[Pp]atch|[Cc]onfigure|[Ff]ixup)(?:Phase)?$/.test(variable);
}

function programsOf(flags: readonly string[], forMake: boolean): readonly string[] {
  return flags.flatMap((flag) => programOfFlag(flag, forMake) ?? []);
}

function isFolderOfPrograms(tokens: readonly string[]): readonly string[] {
  return tokens.filter(holdsPrograms);
}

function holdsPrograms(folder: string): boolean {
  return /\/(?:s?bin|libexec)\b/.test(folder);
}
