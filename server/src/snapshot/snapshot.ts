import type { BuildConfiguration } from '../model/buildConfiguration.ts';
import type { PolicedReport } from '../check/policy.ts';
import type { Report } from '../model/report.ts';
import type { EvaluationError, EvaluationErrorAction } from '../model/evaluationError.ts';
import type { TargetFile } from '../targets/targetFile.ts';
import type { FoundGroup, FoundTarget, SearchPart } from '../targets/search/found.ts';
import type { Fix } from '../fixes/fix.ts';
import type { System } from '../model/system.ts';
import type { RunState, StatusParams } from '../protocol.ts';
import { isText, type DiskText } from './diskText.ts';
import type { OpenDocument } from './documents.ts';
import type { RangeTracker } from './rangeTracker.ts';
import type { Settings } from './settings.ts';
import type { SyntaxProblem } from './syntaxProblems.ts';
import type { SystemDependence } from '../attribution/findSystemDependence.ts';

/** A target of the picker: found by looking, or named in the settings. */
export interface TargetEntry extends FoundTarget {
  /** Stable while the target exists. */
  readonly key: string;
  /** Systems that its own entry wants it to be evaluated as; undefined: as all the others. */
  readonly evaluateAs?: readonly System[];
  /** Where its outputs are meant to run, as its own entry says. */
  readonly expect?: System;
  /** A person gave it in their own settings: it may name what a repository's files may not. */
  readonly isOwn?: true;
}

/** The newest report of an evaluation, and what was made of it since. */
export interface Evaluated {
  /** Names the report; every report has another. */
  readonly id: number;
  /** As its run brought it. */
  readonly found: Report;
  /** What all answers are made of: as people want the rules, and without what their sources allow. */
  readonly report: PolicedReport;
  readonly fixes: readonly Fix[];
  /** The repairs are still to be looked for or proven: by the run that is under way, or by the next one. */
  readonly isToBeProven: boolean;
  /** Finds the report's ranges again in the documents. */
  readonly ranges: RangeTracker;
  /** {@link Snapshot.diskGeneration} when its run started. */
  readonly diskGeneration: number;
  /** When its run ended. */
  readonly madeAt: Date;
  /** Set to that where files may have changed since without anybody telling: it is to be made again. */
  readonly asOf?: Date;
}

/** Why the newest run brought no report. */
export interface Failure {
  readonly errors: readonly EvaluationError[];
  /** Finds the errors' ranges again in the documents. */
  readonly ranges: RangeTracker;
  /** {@link Snapshot.diskGeneration} when its run started. */
  readonly diskGeneration: number;
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

/** What came of comparing two reports of one target, evaluated as two systems. */
export interface SystemComparison {
  /** The {@link Evaluated.id}s of the two; places are those of the first one. */
  readonly ids: readonly [number, number];
  /** Undefined where the target does not depend on the system. */
  readonly dependence: SystemDependence | undefined;
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
  /**
   * What files hold on disk, by absolute path, as it was read last: of open files, and of those whose change was
   * told.
   */
  readonly diskTexts: ReadonlyMap<string, DiskText>;
  /** Undefined until they were looked for. */
  readonly targets: readonly TargetEntry[] | undefined;
  /** Why a file offers no targets, where the last search met such a one. */
  readonly searchProblem: string | undefined;
  /** What a program can do about it, once somebody agrees. */
  readonly searchAction: EvaluationErrorAction | undefined;
  /** What the newest search has looked into so far; each file once. */
  readonly searched: readonly SearchPart[];
  /** Packages that are too many to be listed unasked. */
  readonly targetGroups: readonly FoundGroup[];
  readonly targetRanges: RangeTracker;
  /** Absolute paths outside the workspace that its targets may name, as the person allowed. */
  readonly allowedPaths: readonly string[];
  /** What a team shares, in each folder that has such a file. */
  readonly targetFiles: readonly TargetFile[];
  /** Chosen ones first, in the order in which they were chosen. */
  readonly evaluations: readonly Evaluation[];
  /** Of targets that are evaluated as several systems; may still name reports that are gone. */
  readonly systemComparisons: readonly SystemComparison[];
  /** The systems that targets are evaluated as, at least one; undefined in it: this machine's. */
  readonly evaluateAs: readonly (System | undefined)[];
  /** What is done before it is known what to evaluate. */
  readonly preparing: { readonly step: string } | undefined;
  /** What is missing is being downloaded, because somebody asked for it. */
  readonly fetching: { readonly step: string } | undefined;
  /** Why nothing was evaluated at all, where that is no failure. */
  readonly notice: Notice | undefined;
  /** Names the reports of all evaluations together, towards clients; grows when one of them changes or becomes old. */
  readonly reportsId: number;
  /** Grows with every change on disk of a file that a report may depend on. */
  readonly diskGeneration: number;
  /** Undefined until Nix told of them. */
  readonly buildConfiguration: BuildConfiguration | undefined;
  /** By absolute path; only looked for in an untrusted workspace, elsewhere Nix itself tells. */
  readonly syntaxProblems: ReadonlyMap<string, readonly SyntaxProblem[]>;
  /** By absolute path, why an open document is beyond what can be understood; see TextLimitError. */
  readonly textLimits: ReadonlyMap<string, string>;
}

/** What to say where nothing was found that could be evaluated. */
export function noTargetMessage({ searchProblem }: Snapshot): string {
  return searchProblem === undefined
    ? 'No evaluation target was found. Open a default.nix, release.nix, shell.nix or flake.nix, ' +
        'or name a target in the setting nixPlatformLens.targets.'
    : `No evaluation target was found. ${searchProblem}`;
}

/** An evaluation that has a report. */
export interface JudgedEvaluation extends Evaluation {
  readonly evaluated: Evaluated;
}

/** True once a run of this session has brought a report or a failure; what comes from the storage is neither. */
export function hasOutcome({ evaluated, failure }: Pick<Evaluation, 'evaluated' | 'failure'>): boolean {
  return failure !== undefined || (evaluated !== undefined && evaluated.asOf === undefined);
}

/** True where somebody cancelled what would have brought something: it starts again when somebody asks for it. */
export function isCancelled({ notice, evaluations }: Snapshot): boolean {
  const wasCancelled = (one: Notice | undefined): boolean => one !== undefined && one.problem === undefined;
  return wasCancelled(notice) || evaluations.some((evaluation) => wasCancelled(evaluation.notice));
}

/** The evaluations that have a report, chosen ones first. */
export function judgedEvaluations({ evaluations }: Snapshot): JudgedEvaluation[] {
  return evaluations.flatMap((evaluation) => {
    const { evaluated } = evaluation;
    return evaluated ? [{ ...evaluation, evaluated }] : [];
  });
}

/** The snapshot as one of its evaluations sees it. */
export interface View extends Snapshot {
  readonly evaluation: JudgedEvaluation;
}

/** One view for each evaluation that has a report. */
export function viewsOf(snapshot: Snapshot): View[] {
  return judgedEvaluations(snapshot).map((evaluation) => ({ ...snapshot, evaluation }));
}

/** Those that somebody chose, or that are evaluated because nobody did. */
export function chosenEvaluations({ evaluations }: Snapshot): Evaluation[] {
  return evaluations.filter(({ isCompanion }) => !isCompanion);
}

export function isActive({ key }: TargetEntry, { evaluations }: Snapshot): boolean {
  return evaluations.some(({ entry }) => entry.key === key);
}

/** `release.nix · build as x86_64-darwin`. */
export function labelOf({ entry, evaluateAs }: Pick<Evaluation, 'entry' | 'evaluateAs'>): string {
  return evaluateAs === undefined ? entry.label : `${entry.label} as ${evaluateAs}`;
}

export function runState(snapshot: Snapshot): RunState {
  if (!snapshot.trusted) return 'untrusted';
  if (snapshot.preparing || snapshot.fetching || snapshot.evaluations.some(({ running }) => running))
    return 'running';
  // A companion is a help that nobody asked for: what it lacks is said in its file.
  if (chosenEvaluations(snapshot).some(({ failure }) => failure)) return 'failed';
  return snapshot.evaluations.some(({ evaluated }) => evaluated) ? 'done' : 'idle';
}

/**
 * Whether repairs of its newest report are still to be found or proven, and
 * somebody is at it: nobody proves those of a report from before the session,
 * which is to be made again first.
 */
export function isBeingProven({ evaluated, failure, running }: Evaluation): boolean {
  if (!evaluated?.isToBeProven || failure) return false;
  return evaluated.asOf === undefined || running !== undefined;
}

/** True where an evaluation's report does not speak of the files and documents as they are now. */
export function isStale(
  { evaluated, failure }: Pick<Evaluation, 'evaluated' | 'failure'>,
  { diskGeneration, documents, diskTexts }: Snapshot,
): boolean {
  if (!evaluated) return false;
  if (failure || evaluated.diskGeneration !== diskGeneration) return true;
  const { sources } = evaluated.report;
  // One of the two may be long: that of a report of thousands of files, or that of an editor which has hundreds open.
  const files = sources.size < diskTexts.size ? sources.keys() : diskTexts.keys();
  for (const file of files)
    if (sources.has(file) && diskTexts.has(file) && !isText(diskTexts.get(file), sources.get(file)))
      return true;
  return [...evaluated.ranges.changedFiles].some(
    (file) => documents.has(file) && (sources.size === 0 || sources.has(file)),
  );
}

/** True where the files, or the documents in which its errors stand, changed since an evaluation failed. */
export function isFailureOld(
  { ranges, diskGeneration, errors }: Failure,
  { diskGeneration: now, diskTexts }: Snapshot,
): boolean {
  if (diskGeneration !== now) return true;
  for (const [file, text] of ranges.baselines)
    if (diskTexts.has(file) && !isText(diskTexts.get(file), text)) return true;
  return errors.some(({ source }) => source !== undefined && ranges.isChanged(source.file));
}
