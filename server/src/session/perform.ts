import { isCancelled } from '../snapshot/snapshot.ts';
import type { Asking } from './asking.ts';
import type { Choosing } from './choosing.ts';
import type { Companions } from './companions.ts';
import type { Debounce } from './debounce.ts';
import type { DiskTexts } from './diskTexts.ts';
import type { KeptReports } from './keptReports.ts';
import type { OpenDocuments } from './openDocuments.ts';
import type { SessionParts } from './parts.ts';
import type { Schedule } from './schedule.ts';
import { delays, isKnown, type Action, type SessionState } from './state.ts';
import type { StateStore } from './stateStore.ts';
import type { SystemComparisons } from './systemComparisons.ts';
import type { TargetChoice } from './targetChoice.ts';
import type { TargetGroups } from './targetGroups.ts';
import type { TargetSearch } from './targetSearch.ts';

/** Those who do what events ask for. */
export interface Performers extends Pick<SessionParts, 'logError'> {
  readonly store: StateStore;
  readonly connectNix: () => void;
  readonly evaluateSoon: Debounce;
  readonly documents: OpenDocuments;
  readonly disk: DiskTexts;
  readonly search: TargetSearch;
  readonly groups: TargetGroups;
  readonly choice: TargetChoice;
  readonly choosing: Choosing;
  readonly schedule: Schedule;
  readonly companions: Companions;
  readonly kept: KeptReports;
  readonly comparisons: SystemComparisons;
  readonly asking: Asking;
}

/** Does what events ask for, each by the part of the session whose subject it is. */
export function performer(by: Performers): (action: Action) => void {
  /** For work that goes on after the action is begun. */
  const inBackground = (work: Promise<unknown>): void =>
    void work.catch((error: unknown) => by.logError('Something that an event asked for failed.', error));
  return (action) => {
    switch (action.kind) {
      case 'read-disk':
        if (action.cause === 'edited') by.documents.readSoon(action.files);
        else inBackground(by.disk.read(action.files, action.cause));
        break;
      case 'parse-soon':
        by.documents.parseSoon(action.delay);
        break;
      case 'close-tree':
        by.documents.closeTree(action.file);
        break;
      case 'evaluate-soon':
        by.evaluateSoon.soon(action.delay);
        break;
      case 'evaluate-unless-known':
        if (isToBeEvaluated(by.store.state)) by.evaluateSoon.soon(delays.open);
        break;
      case 'accompany':
        by.companions.accompany();
        break;
      case 'accompany-soon':
        by.companions.accompanySoon();
        break;
      case 'invalidate-targets':
        by.search.invalidate();
        by.groups.invalidate();
        break;
      case 'list-targets':
        by.search.list.tell();
        break;
      case 'activate-targets':
        by.choice.activate();
        break;
      case 'resume-targets':
        by.choosing.resume();
        break;
      case 'prove-again':
        by.schedule.proveAgain(action.keys);
        break;
      case 'connect-nix':
        by.connectNix();
        break;
      case 'configure-askers':
        inBackground(by.asking.configure());
        break;
      case 'invalidate-askers':
        inBackground(by.asking.invalidate());
        break;
      case 'tell-askers':
        inBackground(by.asking.fileChanged(action.file));
        break;
      case 'read-kept-report':
        inBackground(by.kept.read(action.key, action.diskGeneration));
        break;
      case 'keep-report':
        by.kept.keep(action.key, action.report, action.madeAt);
        break;
      case 'compare-systems':
        by.comparisons.compare(action.ids, action.reports);
    }
  };
}

/** True where somebody looks at Nix files of which nothing was evaluated yet. */
function isToBeEvaluated({ snapshot, isConfigured }: SessionState): boolean {
  const { trusted, settings, documents } = snapshot;
  const mayRun = trusted && isConfigured && settings['evaluation.onOpen'] && documents.size > 0;
  return mayRun && !isKnown(snapshot) && !isCancelled(snapshot);
}
