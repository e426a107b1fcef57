import type { BuildConfiguration } from '../check/builders.ts';
import type { Report } from '../check/report.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { FoundTarget } from '../evaluation/targets.ts';
import type { Fix } from '../fixes/fix.ts';
import type { System } from '../model/system.ts';
import type { RunState, StatusParams } from '../protocol.ts';
import type { OpenDocument } from './documents.ts';
import type { RangeTracker } from './rangeTracker.ts';
import type { Settings } from './settings.ts';
import type { SyntaxProblem } from './syntaxProblems.ts';

/** A target of the picker: found by looking, or named in the settings. */
export interface TargetEntry extends FoundTarget {
  /** Stable while the target exists. */
  readonly key: string;
}

/** The newest report of the active target, and what was made of it since. */
export interface Evaluated {
  /** Names the report towards clients; grows with every report, and when a failure makes it an old one. */
  readonly id: number;
  readonly report: Report;
  readonly fixes: readonly Fix[];
  /** Finds the report's ranges again in the documents. */
  readonly ranges: RangeTracker;
  /** {@link Snapshot.diskGeneration} when its run started. */
  readonly diskGeneration: number;
}

/** Why the newest run brought no report. */
export interface Failure {
  readonly errors: readonly EvaluationError[];
  readonly ranges: RangeTracker;
  /** There is no Nix that can be used. */
  readonly nixUnavailable: boolean;
}

/** Why nothing was evaluated, where that is no failure. */
export interface Notice {
  readonly message: string;
  readonly problem?: NonNullable<StatusParams['problem']>;
}

/** One active target, evaluated as one system, and what came of it. */
export interface Evaluation {
  /** Names it for as long as it is active. */
  readonly key: string;
  readonly entry: TargetEntry;
  /** Undefined: this machine's system. */
  readonly evaluateAs: System | undefined;
  /** Nobody chose it: it is evaluated for an open file that no chosen target reaches. */
  readonly isCompanion: boolean;
  /** Its run, where one is under way. */
  readonly running: { readonly step: string } | undefined;
  /** Its newest report. */
  readonly evaluated: Evaluated | undefined;
  /** Set where its newest run failed. */
  readonly failure: Failure | undefined;
  /** Why its newest run brought nothing, where that is no failure. */
  readonly notice: Notice | undefined;
}

/**
 * All that the server knows at one moment. Immutable: features are functions
 * of it, and only the session makes new ones.
 */
export interface Snapshot {
  readonly trusted: boolean;
  /** The client has the commands of `clientCommands`. */
  readonly clientCommands: boolean;
  readonly workspaceRoots: readonly string[];
  readonly settings: Settings;
  /** Open documents by absolute path. */
  readonly documents: ReadonlyMap<string, OpenDocument>;
  /** Undefined until they were looked for. */
  readonly targets: readonly TargetEntry[] | undefined;
  /** Why a file offers no targets, where the last search met such a one. */
  readonly searchProblem: string | undefined;
  readonly targetRanges: RangeTracker;
  readonly activeTarget: TargetEntry | undefined;
  /** Undefined: this machine's system. */
  readonly evaluateAs: System | undefined;
  /** The run that is under way. */
  readonly running: { readonly step: string } | undefined;
  readonly evaluated: Evaluated | undefined;
  readonly failure: Failure | undefined;
  readonly notice: Notice | undefined;
  /** Grows with every change of a Nix file on disk. */
  readonly diskGeneration: number;
  /** Undefined until Nix told of them. */
  readonly buildConfiguration: BuildConfiguration | undefined;
  /** By absolute path; only looked for in an untrusted workspace, elsewhere Nix itself tells. */
  readonly syntaxProblems: ReadonlyMap<string, readonly SyntaxProblem[]>;
}

/** What to say where nothing was found that could be evaluated. */
export function noTargetMessage({ searchProblem }: Snapshot): string {
  return searchProblem === undefined
    ? 'No evaluation target was found. Open a default.nix, release.nix, shell.nix or flake.nix, ' +
        'or name a target in the setting nixPlatformLens.targets.'
    : `No evaluation target was found. ${searchProblem}`;
}

export function runState(snapshot: Snapshot): RunState {
  if (!snapshot.trusted) return 'untrusted';
  if (snapshot.running) return 'running';
  if (snapshot.failure) return 'failed';
  return snapshot.evaluated ? 'done' : 'idle';
}

/** True where the newest report does not speak of the files and documents as they are now. */
export function isStale({ evaluated, failure, diskGeneration, documents }: Snapshot): boolean {
  if (!evaluated) return false;
  if (failure || evaluated.diskGeneration !== diskGeneration) return true;
  const { sources } = evaluated.report;
  return [...documents.keys()].some(
    (file) => evaluated.ranges.isChanged(file) && (sources.size === 0 || sources.has(file)),
  );
}
