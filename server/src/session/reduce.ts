import { comparisonEvents, compareSystems, type ComparisonEvents } from './events/comparisonEvents.ts';
import { diskEvents, type DiskEvents } from './events/diskEvents.ts';
import { documentEvents, type DocumentEvents } from './events/documentEvents.ts';
import { recallEvents, recallReports, type RecallEvents } from './events/recallEvents.ts';
import { reportEvents, type ReportEvents } from './events/reportEvents.ts';
import { runEvents, type RunEvents } from './events/runEvents.ts';
import { settingsEvents, type SettingsEvents } from './events/settingsEvents.ts';
import { targetEvents, type TargetEvents } from './events/targetEvents.ts';
import type { Handlers, SessionState, Step } from './state.ts';

/** What may happen to a session, by its kind, with what is told of it. */
export interface SessionEvents
  extends
    DocumentEvents,
    DiskEvents,
    SettingsEvents,
    TargetEvents,
    RunEvents,
    ReportEvents,
    RecallEvents,
    ComparisonEvents {}

const table: Handlers<SessionEvents> = {
  ...documentEvents,
  ...diskEvents,
  ...settingsEvents,
  ...targetEvents,
  ...runEvents,
  ...reportEvents,
  ...recallEvents,
  ...comparisonEvents,
};

/** What follows from any event: reports that come back, and reports that are to be compared. */
const followUps = [recallReports, compareSystems];

/** What an event makes of a state: a function of both, and of nothing else. */
export function reduce<Kind extends keyof SessionEvents>(
  state: SessionState,
  kind: Kind,
  event: SessionEvents[Kind],
): Step {
  return followUps.reduce<Step>(
    (before, follow) => {
      const { state: next, aspects, actions } = follow(before.state);
      return {
        state: next,
        aspects: [...before.aspects, ...aspects],
        actions: [...before.actions, ...actions],
      };
    },
    table[kind](state, event),
  );
}
