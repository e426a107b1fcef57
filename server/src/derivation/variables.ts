import type { EdgeRole } from '../model/derivation.ts';
import { hashLength } from '../model/storePath.ts';
import type { CrossFlags, ParsedDerivation, PathMention, TargetSigns } from './parsedDerivation.ts';
import type { StringPool } from './stringPool.ts';

/**
 * The variables whose store paths have a role, by name (nixpkgs source,
 * `make-derivation.nix`). `depsHostBuild` is what nixpkgs 18.03 called `depsHostHost`.
 */
const roleVariables: ReadonlyMap<string, EdgeRole> = new Map([
  ['stdenv', 'stdenv'],
  ['depsBuildBuild', 'depsBuildBuild'],
  ['nativeBuildInputs', 'nativeBuildInputs'],
  ['depsBuildTarget', 'depsBuildTarget'],
  ['depsHostHost', 'depsHostHost'],
  ['depsHostBuild', 'depsHostHost'],
  ['buildInputs', 'buildInputs'],
  ['depsTargetTarget', 'depsTargetTarget'],
  ['depsBuildBuildPropagated', 'depsBuildBuildPropagated'],
  ['propagatedNativeBuildInputs', 'propagatedNativeBuildInputs'],
  ['depsBuildTargetPropagated', 'depsBuildTargetPropagated'],
  ['depsHostHostPropagated', 'depsHostHostPropagated'],
  ['depsHostBuildPropagated', 'depsHostHostPropagated'],
  ['propagatedBuildInputs', 'propagatedBuildInputs'],
  ['depsTargetTargetPropagated', 'depsTargetTargetPropagated'],
]);

/** `false` is written as nothing: by that it forbids substitution. */
const allowSubstitutes = 'allowSubstitutes';
const configurePlatforms = 'configurePlatforms';

/** The variables that say something by being empty. */
export const mayBeEmpty: readonly string[] = [allowSubstitutes, configurePlatforms];

const otherVariables = [
  'preferLocalBuild',
  ...mayBeEmpty,
  'requiredSystemFeatures',
  'cmakeFlags',
  'mesonFlags',
  'configureFlags',
  'buildCommand',
  // Of a `stdenv` (nixpkgs source, `stdenv/generic/default.nix`).
  'setup',
  'initialPath',
  // Of compilers and of what wraps them.
  'suffixSalt',
  'infixSalt',
  'GOARCH',
  'GOHOSTARCH',
  'GOROOT_BOOTSTRAP',
  'GOOS',
];

/** Names of the variables that a {@link VariableReader} wants to see. */
export const wantedVariables: ReadonlySet<string> = new Set([...roleVariables.keys(), ...otherVariables]);

/** What of a derivation does not stand in its variables. */
export type OtherFields = Pick<ParsedDerivation, 'outputs' | 'inputs' | 'system' | 'builder'>;

/**
 * Gathers what the graph needs from a derivation's builder, arguments and
 * variables. A builder and arguments may be given as they stand in a .drv file,
 * with escapes: no path has any.
 */
export class VariableReader {
  readonly #storePrefix: string;
  readonly #pool: StringPool;
  readonly #uses: PathMention[] = [];
  #hasStdenv = false;
  /** How many of the two variables were read that a `stdenv` has. */
  #stdenvSigns = 0;
  #crossFlags: CrossFlags | undefined;
  #targetSigns: TargetSigns | undefined;
  #preferLocalBuild = false;
  #allowSubstitutes = true;
  #requiredSystemFeatures: readonly string[] = noFeatures;
  #setupHookOnly = false;

  constructor(storeDir: string, pool: StringPool) {
    this.#storePrefix = `${storeDir}/`;
    this.#pool = pool;
  }

  /** Takes the builder, one of its arguments or a variable's value for the paths in it. */
  readPaths(text: string, role: EdgeRole): void {
    const prefix = this.#storePrefix;
    let slash = text.indexOf('/');
    while (slash >= 0) {
      let next = slash + 1;
      if (text.startsWith(prefix, slash)) {
        const start = slash + prefix.length;
        next = start + hashLength;
        if (next <= text.length) this.#uses.push({ role, hash: this.#pool.keep(text.slice(start, next)) });
      } else if (isPlaceholder(text, slash)) {
        next = slash + 1 + placeholderLength;
        this.#uses.push({ role, hash: this.#pool.keep(text.slice(slash + 1, next)) });
      }
      slash = text.indexOf('/', next);
    }
  }

  /** Takes a variable of {@link wantedVariables}; lists have been joined by blanks. */
  readVariable(name: string, value: string): void {
    if (name === allowSubstitutes) this.#allowSubstitutes = value === '1';
    if (value === '') {
      if (name === configurePlatforms) this.#addCrossFlags({ noConfigurePlatforms: true });
      return;
    }
    const role = roleVariables.get(name);
    if (role !== undefined) {
      this.readPaths(value, role);
      if (role === 'stdenv') this.#hasStdenv = true;
      return;
    }
    switch (name) {
      case 'preferLocalBuild':
        this.#preferLocalBuild = value === '1';
        break;
      case 'requiredSystemFeatures':
        this.#requiredSystemFeatures = this.#wordsOf(value);
        break;
      case 'cmakeFlags':
        this.#readCmakeFlags(value);
        break;
      case 'mesonFlags':
        if (value.includes('--cross-file')) this.#addCrossFlags({ mesonCrossFile: true });
        break;
      case 'configureFlags':
        this.#readConfigureFlags(value);
        break;
      case 'buildCommand':
        this.#setupHookOnly = writesSetupHookOnly(value);
        if (this.#setupHookOnly)
          for (const { role, paths } of propagatedByHook(value)) this.readPaths(paths, role);
        break;
      case 'setup':
      case 'initialPath':
        this.#stdenvSigns += 1;
        break;
      case 'GOROOT_BOOTSTRAP':
        this.#addTargetSigns({ bootstrapsGo: true });
        break;
      case 'suffixSalt':
      case 'infixSalt':
        this.#addTargetSigns({ salt: this.#pool.keep(value) });
        break;
      case 'GOHOSTARCH':
        this.#addTargetSigns({ goHostArchitecture: this.#pool.keep(value) });
        break;
      case 'GOARCH':
        this.#addTargetSigns({ goArchitecture: this.#pool.keep(value) });
        break;
      case 'GOOS':
        this.#addTargetSigns({ goSystem: this.#pool.keep(value) });
        break;
    }
  }

  /**
   * Takes the attributes of a derivation with structured attributes. What is in
   * its `env` becomes variables as well, and no dependency stands there (nixpkgs
   * source, `make-derivation.nix`).
   */
  readStructured(attributes: Readonly<Record<string, unknown>>): void {
    this.#readAttributes(attributes, wantedVariables);
    const { env } = attributes;
    if (isObject(env)) this.#readAttributes(env, otherVariables);
  }

  #readAttributes(attributes: Readonly<Record<string, unknown>>, names: Iterable<string>): void {
    for (const name of names) {
      if (!Object.hasOwn(attributes, name)) continue;
      const value = joinWords(attributes[name]);
      if (value !== undefined) this.readVariable(name, value);
    }
  }

  /** The derivation with all that was read. */
  finish({ outputs, inputs, system, builder }: OtherFields): ParsedDerivation {
    return {
      outputs,
      inputs,
      system,
      builder,
      uses: this.#uses,
      hasStdenv: this.#hasStdenv,
      isStdenv: !this.#hasStdenv && this.#stdenvSigns === 2,
      crossFlags: this.#crossFlags,
      targetSigns: this.#targetSigns,
      preferLocalBuild: this.#preferLocalBuild,
      allowSubstitutes: this.#allowSubstitutes,
      requiredSystemFeatures: this.#requiredSystemFeatures,
      setupHookOnly: this.#setupHookOnly,
    };
  }

  #readCmakeFlags(value: string): void {
    const cmakeSystemName = this.#lastFlag(value, '-DCMAKE_SYSTEM_NAME=');
    if (cmakeSystemName === undefined) return;
    const cmakeSystemProcessor = this.#lastFlag(value, '-DCMAKE_SYSTEM_PROCESSOR=');
    this.#addCrossFlags({
      cmakeSystemName,
      ...(cmakeSystemProcessor !== undefined && { cmakeSystemProcessor }),
    });
  }

  #readConfigureFlags(value: string): void {
    const configureHost = this.#lastFlag(value, '--host=');
    if (configureHost === undefined) return;
    const configureTarget = this.#lastFlag(value, '--target=');
    if (configureTarget !== undefined) this.#addTargetSigns({ configureTarget });
    const configureBuild = this.#lastFlag(value, '--build=');
    this.#addCrossFlags({ configureHost, ...(configureBuild !== undefined && { configureBuild }) });
  }

  /** The value of the last occurrence of a flag; flags end at white space, quotes and escapes. */
  #lastFlag(flags: string, flag: string): string | undefined {
    const start = flags.lastIndexOf(flag);
    if (start < 0) return undefined;
    const value = /^[^\s"'\\]*/.exec(flags.slice(start + flag.length))?.[0] ?? '';
    return value === '' ? undefined : this.#pool.keep(value);
  }

  /** Splits at white space, which may be escaped. */
  #wordsOf(value: string): readonly string[] {
    const words = value.split(/(?:\s|\\[ntr])+/).filter((word) => word !== '');
    return words.map((word) => this.#pool.keep(word));
  }

  #addTargetSigns(signs: Partial<TargetSigns>): void {
    this.#targetSigns = { ...this.#targetSigns, ...signs };
  }

  #addCrossFlags(flags: Partial<CrossFlags>): void {
    this.#crossFlags = { mesonCrossFile: false, ...this.#crossFlags, ...flags };
  }
}

const noFeatures: readonly string[] = [];

/** A SHA-256 in Nix's base 32. */
const placeholderLength = 52;
const placeholder = /\/[0-9a-df-np-sv-z]{52}(?![0-9a-z])/y;

/** Does a placeholder of an output stand here (`/` and 52 characters of Nix's base 32)? */
function isPlaceholder(text: string, slash: number): boolean {
  if (slash + placeholderLength >= text.length) return false;
  placeholder.lastIndex = slash;
  return placeholder.test(text);
}

/**
 * Is the build command that of a pure setup hook (nixpkgs' `makeSetupHook`)?
 * Such a derivation is sourced by bash and never executed, so any platform will do.
 */
function writesSetupHookOnly(buildCommand: string): boolean {
  if (!buildCommand.includes('nix-support/setup-hook')) return false;
  const rest = buildCommand.replace(/\$(?:out|\{out\})(?:\\?")?\/nix-support/g, '');
  return !/\$\{?!?(?:out|prefix|bin|lib|dev)/.test(rest);
}

/** Files in which an output lists what it propagates (nixpkgs source, `setup.sh`, `recordPropagatedDependencies`). */
const propagatedFiles: ReadonlyMap<string, EdgeRole> = new Map([
  ['propagated-build-build-deps', 'depsBuildBuildPropagated'],
  ['propagated-native-build-inputs', 'propagatedNativeBuildInputs'],
  ['propagated-build-target-deps', 'depsBuildTargetPropagated'],
  ['propagated-host-host-deps', 'depsHostHostPropagated'],
  ['propagated-build-inputs', 'propagatedBuildInputs'],
  ['propagated-target-target-deps', 'depsTargetTargetPropagated'],
]);

/**
 * What the build command of a setup hook lists in such a file itself, as nixpkgs' `makeSetupHook`
 * did until 2022: `printWords … > $out/nix-support/propagated-build-inputs`.
 */
function propagatedByHook(buildCommand: string): { readonly role: EdgeRole; readonly paths: string }[] {
  const printed = buildCommand.matchAll(
    /^[^\S\n]*(?:printWords|echo) ([^>\n]*)>+\s*"?\$(?:out|\{out\})"?\/nix-support\/([\w-]+)/gm,
  );
  return [...printed].flatMap(([, paths = '', file = '']) => {
    const role = propagatedFiles.get(file);
    return role === undefined ? [] : [{ role, paths }];
  });
}

/** A structured value as a plain derivation would have it: the elements of lists joined by blanks. */
export function joinWords(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const elements: readonly unknown[] = value;
    return elements
      .map(wordOf)
      .filter((word) => word !== undefined)
      .join(' ');
  }
  return wordOf(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wordOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? '1' : '';
  return undefined;
}
