import type { Report } from '../model/report.ts';
import type { PolicedReport } from '../check/policy.ts';
import { emptySnapshot } from '../snapshot/emptySnapshot.ts';
import { hasOutcome, type Evaluated, type Evaluation, type Snapshot } from '../snapshot/snapshot.ts';

/** All that the session knows: what everybody sees, and what only its own events ask for. Immutable. */
export interface SessionState {
  readonly snapshot: Snapshot;
  /** The settings were read: nothing is evaluated before. */
  readonly isConfigured: boolean;
  /** The newest {@link Evaluated.id}; each is given once. */
  readonly lastReportId: number;
  /** Reports of evaluations that are not active now, by key; the one that was active last comes last. */
  readonly remembered: ReadonlyMap<string, Evaluated>;
  /** Keys of the evaluations for which the storage was asked. */
  readonly asked: ReadonlySet<string>;
  /** Pairs of reports that were compared, or are being compared, by their numbers. */
  readonly compared: ReadonlySet<string>;
}

export function emptyState(
  options: Pick<Snapshot, 'trusted' | 'clientCommands' | 'workspaceRoots'>,
): SessionState {
  return {
    snapshot: emptySnapshot(options),
    isConfigured: false,
    lastReportId: 0,
    remembered: new Map(),
    asked: new Set(),
    compared: new Set(),
  };
}

/** What may have changed from one snapshot to the next. */
export type Aspect = 'documents' | 'evaluation' | 'fixes' | 'run' | 'targets' | 'settings' | 'syntax';

/** Why files are read. */
export type ReadCause =
  | 'opened'
  /** Its text was changed in the editor: it may have been reloaded from the disk. */
  | 'edited'
  | 'saved'
  /** A file watcher told of it. */
  | 'told'
  /** A run is about to read it. */
  | 'evaluated';

/** What is to be done once an event is dealt with; whoever does it may send further events. */
export type Action =
  | { readonly kind: 'read-disk'; readonly files: readonly string[]; readonly cause: ReadCause }
  /** Where more of the same comes within `delay` milliseconds, it is done once. */
  | { readonly kind: 'evaluate-soon' | 'parse-soon'; readonly delay: number }
  | { readonly kind: 'evaluate-unless-known' | 'accompany' | 'accompany-soon' }
  | { readonly kind: 'invalidate-targets' | 'list-targets' | 'activate-targets' | 'resume-targets' }
  | { readonly kind: 'connect-nix' | 'configure-askers' | 'invalidate-askers' }
  | { readonly kind: 'tell-askers' | 'close-tree'; readonly file: string }
  | { readonly kind: 'prove-again'; readonly keys: ReadonlySet<string> }
  | { readonly kind: 'read-kept-report'; readonly key: string; readonly diskGeneration: number }
  | { readonly kind: 'keep-report'; readonly key: string; readonly report: Report; readonly madeAt: Date }
  | {
      readonly kind: 'compare-systems';
      readonly ids: readonly [number, number];
      readonly reports: readonly [PolicedReport, PolicedReport];
    };

/** What an event makes of a state. */
export interface Step {
  readonly state: SessionState;
  /** What listeners are told; none: nothing that anybody shows has changed. */
  readonly aspects: readonly Aspect[];
  readonly actions: readonly Action[];
}

/** How one group of the table deals with its events. */
export type Handlers<Events> = {
  readonly [Kind in keyof Events]: (state: SessionState, event: Events[Kind]) => Step;
};

/** The step that changes nothing but the snapshot. */
export function changed(
  state: SessionState,
  changes: Partial<Snapshot>,
  aspects: readonly Aspect[] = [],
  actions: readonly Action[] = [],
): Step {
  return { state: { ...state, snapshot: { ...state.snapshot, ...changes } }, aspects, actions };
}

/** The step that changes nothing. */
export function unchanged(state: SessionState, actions: readonly Action[] = []): Step {
  return { state, aspects: [], actions };
}

/** Evaluations of which one is another one; the same ones where it is not active any more. */
export function withEvaluation(
  { evaluations }: Pick<Snapshot, 'evaluations'>,
  key: string,
  change: (evaluation: Evaluation) => Partial<Evaluation>,
): readonly Evaluation[] {
  return evaluations.map((evaluation) =>
    evaluation.key === key ? { ...evaluation, ...change(evaluation) } : evaluation,
  );
}

/** True where something was evaluated, or is about to be. */
export function isKnown({ evaluations, preparing, fetching }: Snapshot): boolean {
  return (
    preparing !== undefined ||
    fetching !== undefined ||
    evaluations.some((evaluation) => evaluation.running ?? hasOutcome(evaluation))
  );
}

/** Milliseconds to wait for more of the same before something starts. */
export const delays = { open: 60, save: 5, filesChanged: 60, parse: 120 } as const;

/** No state of the files has this number: the report is of other texts, or that is not known. */
export const otherFiles = -1;
