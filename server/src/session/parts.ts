import type { SystemDependence } from '../attribution/findSystemDependence.ts';
import type { BuildConfiguration } from '../model/buildConfiguration.ts';
import type { PolicedReport } from '../check/policy.ts';
import type { Report } from '../model/report.ts';
import type { Asker } from '../asking/asker.ts';
import type { Evaluator } from '../running/evaluator.ts';
import type { RunOptions } from '../running/runParts.ts';
import type { TargetFile } from '../targets/targetFile.ts';
import type { WholeSearchOptions } from '../targets/search/findAllTargets.ts';
import type { FoundGroup, FoundTarget } from '../targets/search/found.ts';
import type { TargetPlace } from '../targets/search/placeOfTarget.ts';
import type { Fix } from '../fixes/fix.ts';
import type { ProofOptions } from '../fixes/proveFixes.ts';
import type { ProofSubject } from '../fixes/proof/attempts.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { EvaluationRequest, EvaluationTarget } from '../model/target.ts';
import type { Verification } from '../model/verification.ts';
import type { ChosenTarget, Choice } from '../storage/choice.ts';
import type { KeptReport } from '../storage/reportCodec.ts';
import type { NixParser } from '../syntax/parser.ts';

export type SearchOptions = Required<Omit<WholeSearchOptions, 'scan'>>;

export type ListOptions = Pick<SearchOptions, 'limits' | 'signal'>;

/** How repairs are looked for, as the settings say. */
export type RepairPreferences = Pick<ProofOptions, 'timeLimitMs' | 'buildPackageSet'>;

/** A Nix of this machine. */
export interface NixFound {
  readonly version: string;
  readonly directory: string;
}

/** One installation of Nix and what is done with it. */
export interface NixConnection {
  readonly evaluator: Pick<Evaluator, 'run' | 'fetch'>;
  /** What does not evaluate is left out, and told to `onProblem`. */
  findTargets(options: SearchOptions): Promise<readonly FoundTarget[]>;
  /** The names of a group's packages. */
  listGroup(group: FoundGroup, options: ListOptions): Promise<readonly string[]>;
  /** Downloads the inputs of a flake, which nothing else does. */
  fetchInputs(flake: string, signal: AbortSignal): Promise<void>;
  /** Where a target's attribute stands in its file, as far as the text says; nothing is evaluated. */
  placeOf(target: EvaluationTarget): Promise<TargetPlace | undefined>;
  /** Repairs that nothing was evaluated for yet; starts nothing. */
  proposeFixes(report: PolicedReport, preferences: RepairPreferences): Promise<readonly Fix[]>;
  /** The repairs of some reports, with what their evaluation over all of them showed. */
  proveFixes(
    subjects: readonly ProofSubject[],
    isWanted: (report: PolicedReport) => boolean,
    signal: AbortSignal,
    preferences: RepairPreferences,
  ): Promise<ReadonlyMap<PolicedReport, readonly Fix[]>>;
  /** Whether the two reports of one target differ by the evaluating machine; undefined where they do not. */
  compareSystems(one: Report, other: Report): Promise<SystemDependence | undefined>;
  /** Who may build, as Nix's settings say; asked for after a run. */
  readBuildConfiguration(): Promise<BuildConfiguration>;
  /** A Nix that stays, for questions in the context of a target; its owner disposes of it. */
  openAsker?(request: EvaluationRequest, options: Omit<RunOptions, 'signal'>): Promise<Asker>;
  /** What of a derivation is in the store, and for which platform it is; builds nothing. */
  verifyOutputs?(report: Report, derivation: DerivationId, options: ListOptions): Promise<Verification>;
  /** True once it turned out that there is no Nix that can be used. */
  isUnavailable(): boolean;
  /** Undefined until it was found. */
  found(): NixFound | undefined;
}

/** What is kept of one workspace from one session to the next. */
export interface SessionStorage {
  /** Undefined where nothing was chosen yet. */
  readChoice(): Promise<Choice | undefined>;
  /** @throws Error of the file system */
  writeChoice(choice: Choice): Promise<void>;
  /** The paths outside the workspace that its targets may name; none where nothing was allowed yet. */
  readAllowedPaths(): Promise<readonly string[]>;
  /** @throws Error of the file system */
  writeAllowedPaths(paths: readonly string[]): Promise<void>;
  /** The targets that were evaluated last, by whatever choice; none where that is not known. */
  readLastTargets(): Promise<readonly ChosenTarget[]>;
  /** @throws Error of the file system */
  writeLastTargets(targets: readonly ChosenTarget[]): Promise<void>;
  /**
   * The newest report that was kept of an evaluation.
   *
   * @throws UnreadableReportError where it is damaged; the next time there is none
   */
  readReport(evaluationKey: string): Promise<KeptReport | undefined>;
  /** @throws Error of the file system */
  writeReport(kept: KeptReport): Promise<void>;
}

/** What the session stands on; put together in one place. */
export interface SessionParts {
  /** @param nixDirectory the folder of Nix's programs; undefined: they are looked up */
  readonly connectNix: (nixDirectory: string | undefined) => NixConnection;
  /** The target file of a folder; undefined where there is none. */
  readonly readTargetFile?: (directory: string) => Promise<TargetFile | undefined>;
  readonly loadParser: () => Promise<NixParser>;
  /** Undefined: nothing is kept. */
  readonly storage?: SessionStorage;
  /** Something went wrong that the user need not act upon; for the log. */
  readonly logError: (message: string, error: unknown) => void;
}
