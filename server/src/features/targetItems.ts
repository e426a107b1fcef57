import type { FoundGroup, SearchPart } from '../targets/search/found.ts';
import type { TargetItem, TargetsPart, TargetsResult } from '../protocol.ts';
import { entriesOf } from '../snapshot/activeEvaluations.ts';
import { groupKey } from '../session/lazyGroups.ts';
import {
  chosenEvaluations,
  isActive,
  judgedEvaluations,
  noTargetMessage,
  type Snapshot,
  type TargetEntry,
} from '../snapshot/snapshot.ts';
import { knownTargets } from '../session/targetCatalogue.ts';
import { offeredSystems } from '../snapshot/offeredSystems.ts';
import { editorLine, editorText } from './editorMessages.ts';

/** The targets request: what the pickers offer. */
export function targetItems(snapshot: Snapshot): TargetsResult {
  const { targetGroups, searched, evaluateAs } = snapshot;
  const targets = knownTargets(snapshot);
  const others = [
    ...evaluateAs.flatMap((system) => system ?? []),
    ...judgedEvaluations(snapshot).flatMap(({ evaluated }) => [
      ...evaluated.report.judgement.bySystem.keys(),
    ]),
  ];
  const active = entriesOf(chosenEvaluations(snapshot));
  // One that was chosen from a group, or in a former session, need not be among those that were found.
  const unlisted = active.filter(({ key }) => !targets.some((entry) => entry.key === key));
  const listed = [...targets, ...unlisted].map((entry) => itemOf(entry, snapshot));
  const groups = new Map(
    [...targetGroups, ...searched.flatMap((part) => part.groups)].map((group) => [groupKey(group), group]),
  );
  const parts = searched.filter(({ isDone, problem }) => !isDone || problem !== undefined).map(partOf);
  const problem = listed.length + groups.size > 0 ? undefined : problemOf(snapshot);
  return {
    targets: [...listed, ...[...groups.values()].map(groupItem)],
    systems: offeredSystems(others).map(editorLine),
    evaluateAs: evaluateAs.map((system) => system ?? null),
    ...(problem !== undefined && { problem: editorText(problem) }),
    ...(parts.length > 0 && { parts }),
  };
}

/** The members of a group, as the picker offers them. */
export function membersOf(members: readonly TargetEntry[], snapshot: Snapshot): TargetsResult {
  return { ...targetItems(snapshot), targets: members.map((entry) => itemOf(entry, snapshot)) };
}

function itemOf(entry: TargetEntry, snapshot: Snapshot): TargetItem {
  const { key, label, description } = entry;
  return {
    key,
    label: editorLine(label),
    description: editorLine(description),
    active: isActive(entry, snapshot),
  };
}

function partOf({ name, problem }: SearchPart): TargetsPart {
  return { label: editorLine(name), ...(problem !== undefined && { problem: editorText(problem) }) };
}

function groupItem(group: FoundGroup): TargetItem {
  const label = editorLine(`${group.label} …`);
  return { key: groupKey(group), label, description: 'search its packages', active: false, group: true };
}

function problemOf(snapshot: Snapshot): string {
  const { trusted, evaluations } = snapshot;
  const failure = evaluations.find((evaluation) => evaluation.failure)?.failure;
  if (!trusted) return 'This workspace is not trusted. Trust it to look for evaluation targets.';
  if (failure?.nixUnavailable) return failure.errors[0]?.message ?? 'Nix was not found.';
  return noTargetMessage(snapshot);
}
