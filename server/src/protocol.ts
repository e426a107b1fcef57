/**
 * What the server and its clients exchange beyond LSP itself. Plain data only;
 * the client imports nothing else of the server.
 */

/**
 * Flags of V8 for whoever starts the server. By default the young objects grow
 * to 32 MB, and to copy those that live on keeps everybody for 50 ms and more
 * while a large closure is read; with 8 MB it is a third of that.
 */
export const serverFlags: readonly string[] = ['--max-semi-space-size=8'];

/** LSP method names of the custom requests and notifications. */
export const methods = {
  /** Client → server, request, may be cancelled: the evaluation targets of the workspace, or those of a group that match a search. */
  targets: 'nixPlatformLens/targets',
  /** Client → server, request (answered `null` once it has started): make these the active targets and evaluate them. */
  selectTarget: 'nixPlatformLens/selectTarget',
  /** Client → server, request (answered `null` once it has started): evaluate the active targets (again), now. */
  evaluate: 'nixPlatformLens/evaluate',
  /** Client → server, request (answered `null`): cancel the runs that are under way. */
  cancel: 'nixPlatformLens/cancel',
  /** Client → server, request: one page of the closure tree. */
  closureChildren: 'nixPlatformLens/closureChildren',
  /** Client → server, request: a shortest path from the root to a node. */
  closurePath: 'nixPlatformLens/closurePath',
  /** Client → server, request, may be cancelled: what of a row's derivation is in the store, and for which platform it is. */
  verifyOutputs: 'nixPlatformLens/verifyOutputs',
  /** Client → server, request: the newest report as the command's JSON, a list of several, `null` where there is none. */
  report: 'nixPlatformLens/report',
  /** Client → server, request: the target file that would share the chosen targets; `null` where none can be named. */
  targetFile: 'nixPlatformLens/targetFile',
  /** Server → client, notification: the state changed; views ask again. */
  status: 'nixPlatformLens/status',
  /** Client → server, notification: the user trusts the workspace now, evaluation may start. */
  trust: 'nixPlatformLens/trust',
} as const;

/** Commands that the server executes by `workspace/executeCommand`, for any LSP editor. */
export const serverCommands = {
  evaluate: 'nixPlatformLens.server.evaluate',
  /** Argument: position of the attribute ({@link EvaluateAtParams}). */
  evaluateAt: 'nixPlatformLens.server.evaluateAt',
  cancel: 'nixPlatformLens.server.cancel',
  /**
   * Downloads the inputs of a flake that are not on this machine, and evaluates; answered when it has
   * done so, and may be cancelled. Argument: {@link FlakeParams}; left out: the flake that failed.
   */
  fetchInputs: 'nixPlatformLens.server.fetchInputs',
  /** Lets the targets of this workspace name a path outside it, from now on, and evaluates. Argument: {@link PathParams}. */
  allowPath: 'nixPlatformLens.server.allowPath',
  /**
   * Applies all repairs of the workspace that are proven for all targets, by `workspace/applyEdit`, and
   * says so by `window/showMessage`.
   */
  repairAll: 'nixPlatformLens.server.repairAll',
} as const;

/** Commands that code lenses and hovers of the VS Code client name. */
export const clientCommands = {
  showClosure: 'nixPlatformLens.showClosure',
  evaluateAt: 'nixPlatformLens.evaluateAt',
  fetchInputs: 'nixPlatformLens.fetchInputs',
  lockFlake: 'nixPlatformLens.lockFlake',
  allowPath: 'nixPlatformLens.allowPath',
} as const;

/** `initializationOptions` of the server. */
export interface InitializationOptions {
  /** False: only parse. An LSP editor without workspace trust leaves it out and is trusted. */
  readonly trusted?: boolean;
  /** True where the client has the `clientCommands`. */
  readonly clientCommands?: boolean;
  /** Absolute path of a folder of this workspace, where the server keeps things; left out: one in the user's cache. */
  readonly storage?: string;
  /** Settings for clients that do not answer `workspace/configuration`. */
  readonly settings?: unknown;
  /** True where the client answers `workspace/configuration` with {@link SeparateSettings}: then no others are taken. */
  readonly separateSettings?: boolean;
}

/** The settings, by the name behind `nixPlatformLens.`. */
export const settingNames = [
  'nix.directory',
  'targets',
  'evaluateAs',
  'rules',
  'evaluation.onOpen',
  'evaluation.onSave',
  'evaluation.openFiles',
  'evaluation.timeout',
  'evaluation.memoryLimit',
  'evaluation.warm',
  'evaluation.allowImportFromDerivation',
  'repairs.timeLimit',
  'repairs.buildPackageSet',
  'cache.enabled',
  'inlayHints.enabled',
  'codeLens.enabled',
] as const;

/**
 * What a client answers that tells a person's own settings from those of the
 * workspace, which may be the repository's: the own ones by {@link settingNames},
 * and the others beside them. A client that knows no workspace's settings sends
 * none; all are the person's then.
 */
export interface SeparateSettings extends Readonly<Record<string, unknown>> {
  /** By {@link settingNames}, those that are set. */
  readonly fromWorkspace: Readonly<Record<string, unknown>>;
}

export interface EvaluateAtParams {
  readonly uri: string;
  readonly position: { readonly line: number; readonly character: number };
  /** Key of the target, where several have their attribute at this place. */
  readonly key?: string;
}

/** Argument of `showClosure` for an evaluation's own branch; the path of a .drv file instead: the leak of that. */
export interface ShowClosureParams {
  /** Label of its {@link ClosureNode}, where there are several. */
  readonly evaluation: string;
}

export interface FlakeParams {
  /** Absolute path of the flake's folder; one of {@link StatusParams.actions}. */
  readonly flake: string;
}

export interface PathParams {
  /** Absolute; one of {@link StatusParams.actions}. */
  readonly path: string;
}

/** Left out altogether: all that are listed unasked. */
export interface TargetsParams {
  /** Key of a group: its members are wanted. */
  readonly parent?: string;
  /** Part of a member's name, in any case. */
  readonly search?: string;
  /** True: what is known by now is wanted, and nothing is looked for. */
  readonly known?: boolean;
  /**
   * Where the client gives one: whenever more is found, all that is known by then
   * comes as `$/progress` of this token, a {@link TargetsResult}. The answer holds all of it again.
   */
  readonly partialResultToken?: string | number;
}

/** One entry of the target picker. */
export interface TargetItem {
  /** Opaque; stable while the target exists. */
  readonly key: string;
  /** E.g. `release.nix · build.x86_64-linux`. */
  readonly label: string;
  readonly description: string;
  readonly active: boolean;
  /** True: no target, but many of them; to be searched as {@link TargetsParams.parent}. */
  readonly group?: boolean;
}

export interface TargetsResult {
  readonly targets: readonly TargetItem[];
  /** The systems that targets are evaluated as, at least one; `null`: this machine's. */
  readonly evaluateAs: readonly (string | null)[];
  /** Systems to offer in the "evaluate as" picker, this machine's first. */
  readonly systems: readonly string[];
  /** Why there are none, and what to do. */
  readonly problem?: string;
  /** Files that are still being looked into, and those that offer no targets, with the reason. */
  readonly parts?: readonly TargetsPart[];
}

/** A file in which targets are looked for. */
export interface TargetsPart {
  readonly label: string;
  /** Why it offers none; left out: it is being looked into. */
  readonly problem?: string;
}

export interface SelectTargetParams {
  /** Undefined: keep the active ones. */
  readonly keys?: readonly string[];
  /** `null`: this machine's system; empty: what the settings say; undefined: keep. */
  readonly evaluateAs?: readonly (string | null)[];
}

/** Content for a target file, which the client writes where the user wants it. */
export interface TargetFileResult {
  readonly uri: string;
  readonly text: string;
}

export type RunState = 'untrusted' | 'idle' | 'running' | 'done' | 'failed';

/** Sent on every change of state. */
export interface StatusParams {
  readonly state: RunState;
  /** For the status bar, e.g. `build.x86_64-linux as x86_64-darwin`; several are listed. */
  readonly target?: string;
  readonly evaluateAs?: string;
  /** Present once there is a report; names it in {@link ClosureChildrenParams}. */
  readonly reportId?: number;
  /** Of all chosen targets together. */
  readonly summary?: ClosureSummary;
  /** True when the report is older than the documents. */
  readonly stale: boolean;
  /** When the oldest report was made, in ISO 8601, where it is from before the session and to be made again. */
  readonly asOf?: string;
  /** One sentence for people: an error with its advice, or what is going on. */
  readonly message?: string;
  /** Why nothing can be evaluated, where a client has more to offer than `message`. */
  readonly problem?: 'nix-not-found' | 'no-target' | 'target-file';
  /** What can be done about what failed, once the person agrees. */
  readonly actions?: readonly FailureAction[];
  /** Open documents of which nothing can be told, where there are any. */
  readonly documents?: readonly DocumentStatus[];
  /** One for each active target and system. */
  readonly evaluations: readonly EvaluationStatus[];
}

/** With what failed, for people. */
export type FailureAction = (
  | {
      /** Download the inputs of a flake ({@link serverCommands}), or write its lock file, which the server never does. */
      readonly kind: 'fetch-inputs' | 'lock';
      readonly flake: string;
    }
  | {
      /** Download whatever an evaluation needs. */
      readonly kind: 'fetch';
    }
  | {
      /** Let the targets of this workspace name this path outside it, and what is in it. */
      readonly kind: 'allow-path';
      readonly path: string;
    }
) & { readonly message: string };

/** A document that is larger, or nested deeper, than can be understood. */
export interface DocumentStatus {
  readonly uri: string;
  /** For people: why, and what to do. */
  readonly message: string;
}

/** How one target fares, evaluated as one system. */
export interface EvaluationStatus {
  /** Opaque; stable while it is active. */
  readonly key: string;
  readonly target: string;
  /** Undefined: this machine's system. */
  readonly evaluateAs?: string;
  /** Not chosen: evaluated for an open file that no chosen target reaches. */
  readonly companion: boolean;
  readonly state: Exclude<RunState, 'untrusted'>;
  readonly stale: boolean;
  /** When its report was made, in ISO 8601, where it is from before and to be made again. */
  readonly asOf?: string;
  /** What it is doing, or why it failed. */
  readonly message?: string;
  readonly summary?: ClosureSummary;
}

export interface ClosureSummary {
  readonly rootName: string;
  readonly derivations: number;
  readonly edges: number;
  /** Foreign derivations in the closure. */
  readonly foreign: number;
  /** Inputs that are wrong at error or warning level. */
  readonly leaks: number;
  /** Those of them at error level. */
  readonly errors: number;
  readonly bySystem: Readonly<Record<string, number>>;
}

export interface ClosureChildrenParams {
  readonly reportId: number;
  /** Undefined: the top level (leaks first, then the root). */
  readonly parent?: string;
  readonly offset: number;
  /** At most 500. */
  readonly limit: number;
}

export interface ClosureChildrenResult {
  /** False when the report is gone: ask again from the top. */
  readonly current: boolean;
  readonly nodes: readonly ClosureNode[];
  readonly total: number;
}

/** A row of the closure tree. */
export interface ClosureNode {
  /** Opaque; names this row among all rows of the report. */
  readonly key: string;
  readonly kind: 'evaluation' | 'leaks' | 'leak' | 'root' | 'derivation' | 'consumers' | 'gap' | 'message';
  readonly label: string;
  /** Role and platforms, e.g. `buildInputs · x86_64-darwin`. */
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  /** How it stands to what its consumer needs. */
  readonly state: 'foreign' | 'matching' | 'neutral' | 'unknown';
  readonly expandable: boolean;
  readonly drvPath?: string;
  /** Where the workspace's source brings it in. */
  readonly origin?: NodeLocation;
}

export interface NodeLocation {
  readonly uri: string;
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
}

export interface ClosurePathParams {
  readonly reportId: number;
  readonly key: string;
}

export interface ClosurePathResult {
  /** From the root to the node. */
  readonly nodes: readonly ClosureNode[];
}

/** Names a row that stands for a derivation. */
export type VerifyOutputsParams = ClosurePathParams;

export interface VerifyOutputsResult {
  /** `absent`: nothing of it is in the store; `unknown`: something could not be told. */
  readonly state: 'right' | 'wrong' | 'absent' | 'unknown';
  /** In a few words: `3 files cannot run on x86_64-linux`. */
  readonly summary: string;
  /** All of it, as the command prints it. */
  readonly text: string;
  /** Files that are for another platform, or of which that cannot be told; the worst first. */
  readonly findings: readonly OutputFinding[];
}

export interface OutputFinding {
  readonly severity: 'error' | 'warning' | 'info';
  /** The file, relative to its store path. */
  readonly label: string;
  /** E.g. `Mach-O x86_64, expected ELF x86-64`. */
  readonly description: string;
  readonly storePath: string;
  /** The .drv files from the root to the one that makes it; empty where it is none of the closure's. */
  readonly path: readonly string[];
}
