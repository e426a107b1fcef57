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
  readonly gaps: readonly { readonly drvPath: string; readonly message: string }[];
  readonly errors: readonly {
    readonly message: string;
    readonly file?: string;
    readonly line?: number;
    readonly column?: number;
    readonly advice?: string;
  }[];
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
  readonly consumers: readonly { readonly drvPath: string; readonly name: string; readonly role: string }[];
  readonly bringsIn: number;
  /** Names from the root to the input. */
  readonly path: readonly string[];
  readonly origins: readonly (JsonRange & { readonly text: string })[];
  readonly cause?: {
    readonly kind: string;
    readonly file?: string;
    readonly line?: number;
    readonly column?: number;
    readonly message: string;
  };
  readonly fixes: readonly {
    readonly title: string;
    readonly edits: readonly (JsonRange & { readonly newText: string })[];
    readonly proven: boolean;
  }[];
}

export interface JsonRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
