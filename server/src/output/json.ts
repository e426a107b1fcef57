/**
 * The report as `nix-platform-lens check --format json` prints it, version 1.
 * Lines and columns count from one; files are relative to the working
 * directory. Fields may be added to it, none renamed.
 */
export interface JsonReport {
  readonly version: 1;
  readonly target: Readonly<Record<string, unknown>>;
  readonly evaluatedAs: string;
  readonly root: JsonDerivation;
  readonly closure: {
    readonly derivations: number;
    readonly edges: number;
    readonly bySystem: Readonly<Record<string, number>>;
  };
  readonly leaks: readonly JsonLeak[];
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
}

export interface JsonLeak {
  readonly input: JsonDerivation;
  readonly severity: 'error' | 'warning' | 'info';
  readonly rule: string;
  /** One sentence: what is built for what, and what its consumer needs. */
  readonly explanation: string;
  readonly consumers: readonly { readonly drvPath: string; readonly name: string; readonly role: string }[];
  readonly bringsIn: number;
  /** Names from the root to the input. */
  readonly path: readonly string[];
  /** The place to repair first comes first. `through`: the origin is not the input itself but brings it in. */
  readonly origins: readonly (JsonRange & { readonly text: string; readonly through?: string })[];
  readonly cause?: Partial<JsonRange> & {
    readonly kind: string;
    readonly text?: string;
    readonly message: string;
    /** The way from the origin to the cause. */
    readonly steps: readonly (JsonRange & { readonly text: string; readonly message: string })[];
  };
  readonly fixes: readonly {
    readonly title: string;
    readonly edits: readonly (JsonRange & { readonly newText: string })[];
    readonly proven: boolean;
    /** What the evaluation of the repaired source showed, or why it proved nothing. */
    readonly proof: string;
  }[];
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
