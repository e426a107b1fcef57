import type { ScriptUse } from '../model/judgement.ts';
import { ShownLines, type Script } from './buildUses.ts';
import { invocationsOf, programName, type CommandInvocation } from './invocations.ts';
import { holdsFlags, takesProgramFlags } from './programVariables.ts';
import type { ShellParser } from './shellParser.ts';
import type { ShellVariables, Word } from './shellWords.ts';
import { walkScript, type ShellAssignment } from './walkScript.ts';

/**
 * How a script needs a compiler that a cross-compiled build may not have:
 * - `started`: it starts one by its bare name;
 * - `named`: it tells `make` and its kin to start one by its bare name;
 * - `unset`: it uses a variable for one, such as `$CC_FOR_BUILD`, that nothing has set;
 * - `kernel`: it names the compiler for another platform as kernels do, and none for itself;
 * - `source`: a build file of its source does;
 * - `crates`: it has cargo build, which links with `cc` what runs during the build;
 * - `prefixed`: it names one for another platform by its bare name;
 * - `made`: it starts a program that the compiler for the host platform has made;
 * - `target`: it starts a program that make has made by its name, `make gen; ./gen`.
 */
export type CompilerUseKind =
  | 'started'
  | 'named'
  | 'unset'
  | 'kernel'
  | 'source'
  | 'crates'
  | 'prefixed'
  | 'made'
  | 'target';

/** A place at which a script needs a compiler. */
export interface CompilerUse extends ScriptUse {
  readonly kind: CompilerUseKind;
  /** The program, or the variable, that it needs. */
  readonly needed: string;
  /** It cannot do without: what a flag names may never be started. */
  readonly isStarted: boolean;
}

/** What compilers and binutils are called where their names have no prefix for a platform. */
const bareNames = /^(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|ld|ar|nm|ranlib|strip|objcopy|objdump|readelf)$/;
const bareCompiler = '(?:cc|c\\+\\+|gcc|g\\+\\+|clang|clang\\+\\+)';
/** Variables that name a compiler. */
const compilerNames = '(?:HOST_?CC|HOST_?CXX|BUILD_?CC|BUILD_?CXX|CC_FOR_BUILD|CXX_FOR_BUILD|CC|CXX)';
const namedFlag = new RegExp(`^${compilerNames}=["']?${bareCompiler}["']?$`);
const namedVariable = new RegExp(`^${compilerNames}$`);
const bareValue = new RegExp(`^${bareCompiler}$`);
/** `$CC_FOR_BUILD`, `$(CC_FOR_BUILD)`: with `:-` and the like there is another one. */
const forBuild = /\$(?:\{((?:CC|CXX)_FOR_BUILD)\}|\(((?:CC|CXX)_FOR_BUILD)\)|((?:CC|CXX)_FOR_BUILD)\b)/;
/** The compiler for the host platform: `$CC`, `${CXX}`, `aarch64-unknown-linux-gnu-gcc`. */
const hostCompiler = /^(?:\$(?:CC|CXX)|\$\{(?:CC|CXX)\}|\w+-[\w-]+-(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+))$/;

const namesCompiler = new RegExp(`^${compilerNames}=`);

/** Is a target of make a program? Scripts are called by their endings, and by what they do to a source. */
function isProgramTarget(word: string): boolean {
  return (
    /^[a-zA-Z][\w+-]*$/.test(word) &&
    !/^(?:all|build|install|check|test|clean|dist|config(?:ure)?|autogen|bootstrap|prepare|version)\b/.test(
      word,
    )
  );
}

/** Has a text anything to do with compilers? Most have not, and need not be parsed. */
const mayMatter =
  /\b(?:[gc]?cc|[gc]\+\+|clang|ld|ar|nm|ranlib|strip|objcopy|objdump|readelf|CC|CXX|cargo|g?make)\b|_FOR_BUILD|CC=/;

/**
 * Finds where the scripts and flags of a derivation need a compiler. Nothing is
 * found by a bare name where the scripts put folders of their own into `PATH`.
 *
 * @param variables the derivation's own, as its builder sees them
 */
export function findCompilerUses(
  scripts: readonly Script[],
  variables: ReadonlyMap<string, string>,
  parser: ShellParser,
): CompilerUse[] {
  const finder = new CompilerFinder(scripts, variables);
  for (const script of scripts) if (mayMatter.test(script.text)) finder.readScript(script, parser);
  for (const [name, value] of variables) if (holdsFlags(name)) finder.readFlags(name, value);
  return finder.found();
}

/** Whatever is compiled needs what `CC=` names; what `HOSTCC=` names only a build that has use for it. */
function isForHost(flag: string): boolean {
  return /^(?:CC|CXX)=/.test(flag);
}

class CompilerFinder {
  readonly #uses: CompilerUse[] = [];
  readonly #made = new Map<string, 'made' | 'target'>();
  readonly #functions = new Set<string>();
  readonly #set: ReadonlySet<string>;
  readonly #given: ReadonlyMap<string, string>;
  #hasOwnPath = false;
  /** A script says itself what compiles, so that what it makes may be for the build. */
  #hasOwnCompiler = false;
  #script: Script = { variable: '', text: '' };
  #lines = new ShownLines('');

  constructor(scripts: readonly Script[], given: ReadonlyMap<string, string>) {
    this.#given = given;
    const all = scripts.map(({ text }) => text).join('\n');
    // Where a script asks whether there is one, or sets it, it knows what it does.
    const isSet = (name: string): boolean =>
      given.has(name) || new RegExp(`\\b${name}=|-[nzv]\\s+"?\\$\\{?${name}\\b|\\b${name}:?[-=?+]`).test(all);
    this.#set = new Set(['CC_FOR_BUILD', 'CXX_FOR_BUILD'].filter(isSet));
  }

  found(): CompilerUse[] {
    return this.#uses.filter(({ kind, needed }) => {
      if (this.#functions.has(needed)) return false;
      if (this.#hasOwnCompiler && (kind === 'made' || kind === 'target')) return false;
      return (
        !this.#hasOwnPath || kind === 'made' || kind === 'target' || kind === 'unset' || kind === 'kernel'
      );
    });
  }

  readFlags(variable: string, value: string): void {
    const text = value.trim();
    for (const flag of value.split(/\s+/)) {
      const place = { variable, line: 1, text };
      if (namedFlag.test(flag))
        this.#uses.push({ kind: 'named', needed: flag, isStarted: isForHost(flag), ...place });
      this.#addUnset(flag, place);
      if (/^CROSS_COMPILE=\S/.test(flag) && !/\b(?:HOST_?CC|BUILD_?CC)\s*:?=/.test(value))
        this.#uses.push({ kind: 'kernel', needed: flag, isStarted: false, ...place });
    }
  }

  readScript(script: Script, parser: ShellParser): void {
    this.#script = script;
    this.#lines = new ShownLines(script.text);
    const known: ShellVariables = new Map(
      [...this.#given].filter(([name]) => namedVariable.test(name)).map(([name, value]) => [name, [value]]),
    );
    walkScript(script.text, parser, known, {
      command: ({ words, mayFail, isTested }) => {
        // A test of what a compiler can do goes on without one.
        if (mayFail || isTested) return;
        for (const [index, word] of words.entries())
          for (const value of word.values) this.#addUnset(value, this.#at(word), index === 0);
        for (const found of invocationsOf(words)) if (found.kind === 'program') this.#readInvocation(found);
      },
      assignment: (assignment) => this.#readAssignment(assignment),
      defined: (name) => this.#functions.add(name),
    });
  }

  #readInvocation({ program, arguments: words }: CommandInvocation): void {
    const [value = ''] = program.values;
    const name = programName(program);
    if (bareNames.test(value)) this.#add('started', value, program);
    if (name === 'addToSearchPath' && words.some(({ values }) => values[0] === 'PATH'))
      this.#hasOwnPath = true;
    if (hostCompiler.test(value)) this.#readCompilation(words);
    else if (/^g?make$/.test(name)) this.#readTargets(words);
    const made = value.includes('/') ? this.#made.get(name) : undefined;
    if (made !== undefined) this.#add(made, value, program);
    if (value === 'cargo' && /^(?:build|install|run|test|rustc|b|r)$/.test(words[0]?.values[0] ?? ''))
      this.#add('crates', 'cc', program);
    if (name === 'env' || takesProgramFlags(value)) {
      for (const word of words)
        for (const flag of word.values) if (namedFlag.test(flag)) this.#add('named', flag, word);
    }
  }

  /** Notes what a compiler for the host platform makes, where that is a program. */
  #readCompilation(words: readonly Word[]): void {
    const given = words.map(({ values }) => values[0] ?? '');
    if (given.some((word) => /^-(?:c|S|E|M|MM|shared|r)$/.test(word))) return;
    const output = given[given.indexOf('-o') + 1];
    if (!given.includes('-o') || output === undefined) return;
    this.#made.set(output.slice(output.lastIndexOf('/') + 1), 'made');
  }

  /** Notes what make makes by its name, with the compiler for the host platform unless it is told of another one. */
  #readTargets(words: readonly Word[]): void {
    const given = words.map(({ values }) => values[0] ?? '');
    if (given.some((word) => namesCompiler.test(word))) return;
    for (const word of given) if (isProgramTarget(word)) this.#made.set(word, 'target');
  }

  #readAssignment({ name, values, line }: ShellAssignment): void {
    if (name === 'PATH' && values.some((value) => !/^\S*\/nix\/store\//.test(value))) this.#hasOwnPath = true;
    if (name === 'CC' || name === 'CXX') this.#hasOwnCompiler = true;
    for (const value of values) {
      if (name !== 'CC_FOR_BUILD' && name !== 'CXX_FOR_BUILD')
        this.#addUnset(value, this.#at({ values, line }));
      if (namedVariable.test(name) && bareValue.test(value))
        this.#add('named', `${name}=${value}`, { values, line });
    }
  }

  #addUnset(text: string, place: ScriptUse, isStarted = false): void {
    const [, braced, called, plain] = forBuild.exec(text) ?? [];
    const needed = braced ?? called ?? plain;
    if (needed !== undefined && !this.#set.has(needed))
      this.#uses.push({ kind: 'unset', needed, isStarted, ...place });
  }

  #add(kind: CompilerUseKind, needed: string, word: Word): void {
    this.#uses.push({ kind, needed, isStarted: kind !== 'named' || isForHost(needed), ...this.#at(word) });
  }

  #at({ line }: Word): ScriptUse {
    return { variable: this.#script.variable, line, text: this.#lines.at(line) };
  }
}
