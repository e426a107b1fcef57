import { RangeTracker } from './rangeTracker.ts';
import { defaultSettings } from './settings.ts';
import type { Snapshot } from './snapshot.ts';

/** What is known before anything was opened. */
export function emptySnapshot({
  trusted,
  clientCommands,
  workspaceRoots,
}: Pick<Snapshot, 'trusted' | 'clientCommands' | 'workspaceRoots'>): Snapshot {
  return {
    trusted,
    clientCommands,
    workspaceRoots,
    settings: defaultSettings,
    documents: new Map(),
    diskTexts: new Map(),
    targets: undefined,
    searchProblem: undefined,
    searchAction: undefined,
    searched: [],
    targetGroups: [],
    targetRanges: RangeTracker.from(new Map(), []),
    targetFiles: [],
    allowedPaths: [],
    evaluations: [],
    evaluateAs: [undefined],
    preparing: undefined,
    fetching: undefined,
    notice: undefined,
    reportsId: 0,
    systemComparisons: [],
    diskGeneration: 0,
    buildConfiguration: undefined,
    syntaxProblems: new Map(),
    textLimits: new Map(),
  };
}
