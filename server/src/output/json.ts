import type { JsonBuilders, JsonBuiltBy } from './buildersJson.ts';

/**
 * The report as `nix-platform-lens check --format json` prints it, version 1.
 * Lines and columns count from one; files are relative to the working
 * directory. Fields may be added to it, none renamed.
 */
export interface JsonReport {
  readonly version: 1;
  readonly target: Readonly<Record<string, unknown>>;
  readonly evaluatedAs: string;
  /** Where the outputs are meant to run, where somebody said so. */
  readonly expect?: string;
  readonly root: JsonDerivation;
  readonly closure: {
    readonly derivations: number;
    readonly edges: number;
    readonly bySystem: Readonly<Record<string, number>>;
  };
  /** Who builds the closure; absent where it is evaluated as another machine than this one. */
  readonly builtBy?: JsonBuiltBy;
  readonly leaks: readonly JsonLeak[];
  /** The same leaks, those of one cause together. */
  readonly findings: readonly JsonFinding[];
  /** How many leaks the baseline knows, which are not among them; absent where there is none. */
  readonly known?: number;
  /** What comments in the source allow: no part of `leaks`, and no reason to fail. */
  readonly suppressed: readonly JsonSuppressedLeak[];
  /** Comments that allow nothing, or are not heeded; of several evaluations they stand beside the list. */
  readonly unusedSuppressions?: readonly JsonUnusedSuppression[];
  /** The levels that people set; a rule that is not here is reported as it is judged. */
  readonly rules: Readonly<Record<string, 'off' | 'info' | 'warning' | 'error'>>;
  readonly gaps: readonly { readonly drvPath: string; readonly message: string }[];
  /** Always empty: a target that does not evaluate gives no report. */
  readonly errors: readonly never[];
  /** How the probes fared; `level` 0 is all of them. */
  readonly probes: {
    readonly placed: number;
    readonly fired: number;
    readonly files: number;
    readonly level?: number;
    readonly fallbackReason?: string;
  };
  /** Milliseconds since the start, by the step that ended then. */
  readonly timings: Readonly<Record<string, number>>;
}

export interface JsonDerivation {
  readonly drvPath: string;
  readonly name: string;
  readonly buildSystem: string;
  /** `null` where it has none (neutral). */
  readonly hostSystem: string | null;
  /** Of a compiler or the like; absent where it has none that is known. */
  readonly targetSystem?: string;
}

export interface JsonLeak {
  readonly input: JsonDerivation;
  readonly severity: JsonSeverity;
  readonly rule: string;
  /** By what it is known again when lines move or packages are updated; absent in the editor's report. */
  readonly fingerprint?: string;
  /** One sentence: what is built for what, and what its consumer needs. */
  readonly explanation: string;
  /** Who builds the input; absent where {@link JsonReport.builtBy} is. */
  readonly builders?: JsonBuilders;
  /** Absent where the roles alone show it. */
  readonly scripts?: readonly JsonScriptPlace[];
  readonly consumers: readonly { readonly drvPath: string; readonly name: string; readonly role: string }[];
  readonly bringsIn: number;
  /** Names from the root to the input. */
  readonly path: readonly string[];
  /** The place to repair first comes first. */
  readonly origins: readonly JsonOrigin[];
  readonly cause?: JsonCause;
  readonly fixes: readonly JsonFix[];
}

export type JsonSeverity = 'error' | 'warning' | 'info';

/** A line of a script of a consumer that shows how it uses the input. */
export interface JsonScriptPlace {
  /** The variable that holds the script, such as `installPhase`. */
  readonly variable: string;
  /** From one. */
  readonly line: number;
  readonly text: string;
  /** Whose script it is; absent where there is one consumer only. */
  readonly of?: string;
}

/** All leaks of one cause: what one line of source gives. */
export interface JsonFinding {
  readonly severity: JsonSeverity;
  readonly rule: string;
  /** That of one of its leaks. */
  readonly fingerprint?: string;
  readonly explanation: string;
  /** Indices into the report's `leaks`, the worst first. */
  readonly leaks: readonly number[];
  readonly bringsIn: number;
  readonly scripts?: readonly JsonScriptPlace[];
  /** Those of all its leaks, the place to repair first. */
  readonly origins: readonly JsonOrigin[];
  readonly cause?: JsonCause;
  readonly fixes: readonly JsonFix[];
}

/** `through`: the origin is not the input itself but brings it in. */
export interface JsonOrigin extends JsonRange {
  readonly text: string;
  readonly through?: string;
}

export interface JsonCause extends Partial<JsonRange> {
  readonly kind: string;
  readonly text?: string;
  readonly message: string;
  /** The way from the origin to the cause. */
  readonly steps: readonly (JsonRange & { readonly text: string; readonly message: string })[];
}

export interface JsonFix {
  readonly title: string;
  readonly edits: readonly JsonEdit[];
  readonly proven: boolean;
  /** It is proven, and something of the same cause stays wrong; absent otherwise. */
  readonly partial?: true;
  /** What the evaluation of the repaired source showed, or why it proved nothing. */
  readonly proof: string;
}

export interface JsonEdit extends JsonRange {
  readonly newText: string;
}

/** A leak, or that part of one, which is allowed; it has no fixes. */
export interface JsonSuppressedLeak extends JsonLeak {
  /** At least one: the comments. */
  readonly suppressions: readonly (JsonRange & {
    readonly rules: readonly string[];
    readonly reason: string;
  })[];
}

export interface JsonUnusedSuppression extends JsonRange {
  readonly rule: 'unused-suppression';
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
}

export interface JsonRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A cause may have no place in the source. */
export function isPlace(range: Partial<JsonRange>): range is JsonRange {
  return range.file !== undefined && range.line !== undefined;
}
