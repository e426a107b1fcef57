import type { ScriptUse } from '../model/judgement.ts';
import { findRunUses, mayUse, ShownLines, type Script } from './buildUses.ts';
import { Destinations } from './destinations.ts';
import { programName } from './invocations.ts';
import { isCompiledSource, replacementsOfEdit } from './replacements.ts';
import { findUsesByStarters } from './startedByFiles.ts';
import type { ShellParser } from './shellParser.ts';
import { walkScript, type GivenText, type ShellCommand } from './walkScript.ts';
import type { PathInStore, WantedPaths } from './wantedPaths.ts';
import { joinTexts, type Values, type ShellVariables, type Word } from './shellWords.ts';

/**
 * How a wanted path comes into what is installed, to be run there:
 * - `shebang`, `script`: an installed text has it as its interpreter, or runs it;
 * - `wrapper`: an argument for a wrapper names it;
 * - `replacement`: it replaces something in an installed file;
 * - `compiled`: it replaces something in a source that is compiled;
 * - `option`: an option for `configure` or make names it as the shell to be used later;
 * - `started`: an installed file that is no script has it started;
 * - `flag`: a flag has it written, beside one that names a program for the host platform;
 * - `link`: a program of it is linked or copied;
 * - `library`: a library of it is linked or copied, or looked up there;
 * - `member`: it is linked as a whole, as one of an environment.
 */
export type InstalledKind =
  | 'shebang'
  | 'script'
  | 'wrapper'
  | 'replacement'
  | 'compiled'
  | 'option'
  | 'started'
  | 'flag'
  | 'link'
  | 'library'
  | 'member';

/** A place at which a wanted path is installed. */
export interface InstalledUse extends ScriptUse {
  readonly kind: InstalledKind;
  readonly path: PathInStore;
  /** What the first line of the installed script names, where one of its commands runs the path. */
  readonly interpreter?: string;
}

/**
 * Finds where scripts put programs of wanted paths into what they install.
 * Files in the build folder, setup hooks and other files below `nix-support`
 * are none of it, nor are outputs for developers.
 *
 * @param variables the variables that the scripts find set; those that they set are added
 */
export function findInstalledUses(
  scripts: readonly Script[],
  variables: ShellVariables,
  wanted: WantedPaths,
  destinations: Destinations,
  parser: ShellParser,
): InstalledUse[] {
  return scripts.flatMap((script) => {
    if (!mayUse(script.text, variables, wanted)) return [];
    const finder = new InstalledFinder(script, wanted, destinations, parser);
    walkScript(script.text, parser, variables, {
      command: (command) => finder.readCommand(command),
      assignment: () => undefined,
    });
    return finder.uses;
  });
}

/** Finds wanted paths that a text, installed as it stands, has run: its interpreter, what it starts, and what it is to have started. */
export function findUsesInText(
  text: string,
  variable: string,
  wanted: WantedPaths,
  parser: ShellParser,
  isProgram: boolean,
): InstalledUse[] {
  const uses: InstalledUse[] = [];
  const interpreter = /^\s*#!\s*(\S+)/.exec(text)?.[1];
  const path = interpreter === undefined ? undefined : wanted.atStartOf(interpreter);
  if (path !== undefined)
    uses.push({ kind: 'shebang', path, variable, line: 1, text: new ShownLines(text.trimStart()).at(1) });
  if (interpreter === undefined)
    for (const use of findUsesByStarters(text, variable, wanted)) uses.push({ kind: 'started', ...use });
  const isShell = interpreter === undefined ? isProgram : /\b(?:ba|da|k|z)?sh$/.test(interpreter);
  if (!isShell || !wanted.isIn(text)) return uses;
  for (const run of findRunUses([{ variable, text }], new Map(), wanted, parser)) {
    if (run.kind !== 'program-flag')
      uses.push({ ...run, kind: 'script', ...(interpreter !== undefined && { interpreter }) });
  }
  return uses;
}

/** Finds wanted paths in arguments for wrappers that a variable holds, such as `makeWrapperArgs`. */
export function findWrapperUses(
  variable: string,
  value: string,
  wanted: WantedPaths,
  parser: ShellParser,
): InstalledUse[] {
  const script = { variable, text: `wrapProgram $out/bin/x ${value.replaceAll('\n', ' ')}` };
  const uses = findInstalledUses([script], new Map(), wanted, new Destinations([{ name: 'out' }]), parser);
  const line = new ShownLines(value).at(1);
  return uses.map((use) => ({ ...use, text: line }));
}

/** A library that is linked at run time, or into what is built. */
const libraryFile = /^\/lib(?:32|64)?\/(?:[^/]+\/)*[^/]+\.(?:so|a|dylib)(?:\.?[\d*?[{][^/]*)?$/;

/** Folders that hold no programs, wherever they lie: the headers and libraries of an SDK are often below `libexec`. */
const dataFolder = /\/(?:include|sysroot)(?:\/|$)|\/lib(?:32|64)?$/;

/** Where a dynamic linker looks libraries up (`ld.so(8)`, `dyld(1)`). */
function isForLibraries(variable: string): boolean {
  return /^(?:LD|DYLD)_LIBRARY_PATH$|^LD_PRELOAD$/.test(variable);
}

/** A compiler has libraries for the platform that it makes code for below that platform's name. */
function isLibrary(inner: string): boolean {
  return libraryFile.test(inner) && !/-(?:linux|darwin|none|mingw|w64)|rustlib/.test(inner);
}

function isLibraryFolder(inner: string): boolean {
  return /^\/lib(?:32|64)?(?:\/|$)/.test(inner);
}

class InstalledFinder {
  readonly uses: InstalledUse[] = [];
  readonly #script: Script;
  readonly #lines: ShownLines;
  readonly #wanted: WantedPaths;
  readonly #destinations: Destinations;
  readonly #parser: ShellParser;

  constructor(script: Script, wanted: WantedPaths, destinations: Destinations, parser: ShellParser) {
    this.#script = script;
    this.#lines = new ShownLines(script.text);
    this.#wanted = wanted;
    this.#destinations = destinations;
    this.#parser = parser;
  }

  readCommand({ words, writesTo, input }: ShellCommand): void {
    const [program, ...rest] = words;
    if (program === undefined) return;
    const name = programName(program);
    if (this.#destinations.areInstalled(writesTo)) this.#readText(name, rest, writesTo, input);
    if (/^(?:make|wrap)\w*(?:Wrapper|Program|App)\w*$/.test(name)) this.#readWrapper(name, rest);
    else if (name === 'substituteInPlace' || name === 'substitute') this.#readSubstitution(name, rest);
    else if (/^(?:ln|cp|install)$/.test(name)) this.#readLink(rest);
    else if (name === 'sed') this.#readEdit(rest);
    else if (name === 'patchelf') this.#readRunPath(rest);
  }

  /** `cat <<EOF > $out/bin/x`, `echo … > $out/bin/x`. */
  #readText(name: string, rest: readonly Word[], writesTo: Values, input: GivenText | undefined): void {
    const isProgram = writesTo.some((file) => /\/(?:s?bin|libexec)\//.test(file));
    if (name === 'cat' && input) this.#addText(input.values, input.line, isProgram);
    const [first] = rest;
    if ((name === 'echo' || name === 'printf') && first) {
      const words = rest.filter(({ values }) => !/^-[neE]+$/.test(values[0] ?? ''));
      const text = joinTexts(
        words.map(({ values }) => values[0] ?? ''),
        ' ',
      ).replaceAll('\\n', '\n');
      this.#addText([text], words[0]?.line ?? first.line, isProgram);
    }
  }

  #addText(texts: Values, firstLine: number, isProgram: boolean): void {
    for (const text of texts) {
      for (const use of findUsesInText(text, '', this.#wanted, this.#parser, isProgram))
        this.#add(use.kind, use.path, firstLine + use.line - 1, use.interpreter);
    }
  }

  /**
   * The arguments of nixpkgs' `makeWrapper` and `wrapProgram` (nixpkgs source,
   * `make-wrapper.sh`): search paths for programs, programs that variables name,
   * and the program that is wrapped; and where libraries are looked up.
   */
  #readWrapper(name: string, words: readonly Word[]): void {
    const target = name.startsWith('make') ? words[1] : words[0];
    if (target && this.#destinations.areElsewhere(target.values)) return;
    if (name.startsWith('make') && words[0]) this.#addPrograms('wrapper', words[0]);
    for (const [index, { values }] of words.entries()) {
      const option = values[0] ?? '';
      const variable = words[index + 1]?.values[0] ?? '';
      const isSearched = variable === 'PATH';
      if (/^--(?:prefix|suffix)(?:-each|-contents)?$/.test(option)) {
        const value = words[index + 3];
        if (isSearched) this.#addAll('wrapper', value);
        else if (value && isForLibraries(variable)) this.#addMatching('library', value, isLibraryFolder);
      } else if (/^--set(?:-default)?$/.test(option)) {
        const value = words[index + 2];
        if (isSearched) this.#addAll('wrapper', value);
        else if (value && isForLibraries(variable)) this.#addMatching('library', value, isLibraryFolder);
        else if (value) this.#addPrograms('wrapper', value);
      } else if (option === '--run' && words[index + 1]) {
        for (const text of words[index + 1]?.values ?? [])
          this.#addText([text], words[index + 1]?.line ?? 1, true);
      }
    }
  }

  /** `--replace from to` and `--subst-var-by name to` in a file that is installed or compiled. */
  #readSubstitution(name: string, words: readonly Word[]): void {
    const flags = words.findIndex(({ values }) => (values[0] ?? '').startsWith('--'));
    if (flags < 0) return;
    const kind = this.#kindOfReplacement(name === 'substitute' ? words.slice(1, 2) : words.slice(0, flags));
    if (kind === undefined) return;
    for (const [index, { values }] of words.entries()) {
      const replacement = words[index + 2];
      if (/^--(?:replace(?:-fail|-warn|-quiet)?|subst-var-by)$/.test(values[0] ?? '') && replacement)
        this.#addPrograms(kind, replacement);
    }
  }

  /** `sed -i 's|/bin/sh|${tool}/bin/sh|' $out/bin/x`. */
  #readEdit(words: readonly Word[]): void {
    if (!words.some(({ values }) => /^(?:-[a-zA-Z]*i|--in-place)/.test(values[0] ?? ''))) return;
    const kind = this.#kindOfReplacement(words);
    if (kind === undefined) return;
    for (const { values, line } of words)
      this.#addPrograms(kind, { values: values.flatMap(replacementsOfEdit), line });
  }

  /** What it means to write something into these files; undefined where it stays in the build folder. */
  #kindOfReplacement(files: readonly Word[]): 'replacement' | 'compiled' | undefined {
    if (files.some(({ values }) => this.#destinations.areInstalled(values))) return 'replacement';
    return files.some(({ values }) => values.some(isCompiledSource)) ? 'compiled' : undefined;
  }

  /** `ln -s ${tool}/bin/x $out/bin`, `cp -t $out/bin ${tool}/bin/x`. */
  #readLink(words: readonly Word[]): void {
    const option = words.findIndex(({ values }) => values[0] === '-t');
    const target = words.at(option < 0 ? -1 : option + 1);
    if (!target || !this.#destinations.areInstalled(target.values)) return;
    for (const word of words) {
      if (word === target) continue;
      this.#addPrograms('link', word);
      this.#addMatching('library', word, isLibrary);
    }
  }

  /** `patchelf --set-rpath ${library}/lib $out/bin/x`. */
  #readRunPath(words: readonly Word[]): void {
    if (!words.some(({ values }) => this.#destinations.areInstalled(values))) return;
    for (const [index, { values }] of words.entries()) {
      const value = words[index + 1];
      if (!/^--(?:(?:set|add)-rpath|set-interpreter|add-needed)$/.test(values[0] ?? '') || !value) continue;
      this.#addMatching('library', value, (inner) => inner.startsWith('/lib'));
    }
  }

  #addMatching(kind: InstalledKind, { values, line }: Word, isWanted: (inner: string) => boolean): void {
    for (const value of values) {
      for (const path of this.#wanted.allIn(value)) if (isWanted(path.inner)) this.#add(kind, path, line);
    }
  }

  #addPrograms(kind: InstalledKind, word: Word): void {
    const isProgram = (inner: string): boolean =>
      /^\/(?:s?bin|libexec)\//.test(inner) && !dataFolder.test(inner);
    this.#addMatching(kind, word, isProgram);
  }

  #addAll(kind: InstalledKind, word: Word | undefined): void {
    for (const value of word?.values ?? []) {
      for (const path of this.#wanted.allIn(value)) this.#add(kind, path, word?.line ?? 1);
    }
  }

  #add(kind: InstalledKind, path: PathInStore, line: number, interpreter?: string): void {
    const { variable } = this.#script;
    const text = this.#lines.at(line);
    this.uses.push({ kind, path, variable, line, text, ...(interpreter !== undefined && { interpreter }) });
  }
}
