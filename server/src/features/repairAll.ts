import { CodeActionKind, type CodeAction, type CodeActionContext } from 'vscode-languageserver-types';

import { chooseTogether, isWholeRepair } from '../fixes/applying/chooseTogether.ts';
import type { Fix } from '../fixes/fix.ts';
import type { RuleId } from '../model/judgement.ts';
import type { Range } from '../model/location.ts';
import type { Steps } from '../model/slices.ts';
import { isStale, viewsOf, type Snapshot } from '../snapshot/snapshot.ts';
import { shownAtAny } from './diagnostics.ts';
import { partsAt } from './findingDiagnostics.ts';
import { editsNow } from './places.ts';
import { workspaceEdit, type CodeActionOptions, type PlacedEdit } from './workspaceEdit.ts';

/** Asks for all that can be repaired in a file; editors can do so when it is saved. */
export const fixAllKind = `${CodeActionKind.SourceFixAll}.nixPlatformLens`;

/** Repairs that may be applied at once, in the texts as they are now. */
export interface RepairsAtOnce {
  /** How many; each repairs another cause. */
  readonly count: number;
  readonly edits: readonly PlacedEdit[];
}

export interface RepairsWanted {
  /** Only those that edit nothing but this file. */
  readonly file?: string;
  /** Only those of what this rule finds. */
  readonly rule?: RuleId;
}

/**
 * All repairs that are proven for all targets and leave nothing of their causes
 * wrong, as far as they were proven together. Once a text has changed that was
 * evaluated, nothing of it is proven any more.
 */
function* repairsAtOnce(snapshot: Snapshot, { file, rule }: RepairsWanted = {}): Steps<RepairsAtOnce> {
  const views = viewsOf(snapshot);
  const outdated = new Set(
    views
      .filter((view) => isStale(view.evaluation, view))
      .flatMap(({ evaluation }) => evaluation.evaluated.fixes.map(keyOf)),
  );
  const edits = new Map<Fix, readonly PlacedEdit[]>();
  for (const view of views) {
    const { fixes, report } = view.evaluation.evaluated;
    const found = new Set(report.leaks.flatMap((leak) => (leak.rule === rule ? [leak.input] : [])));
    for (const [index, fix] of fixes.entries()) {
      if (index % fixesOfStep === 0) yield;
      if (!isWholeRepair(fix)) continue;
      if (rule !== undefined && !fix.repairs.some((input) => found.has(input))) continue;
      if (file !== undefined && fix.edits.some((edit) => edit.file !== file)) continue;
      // What is outdated in one evaluation is proven in none.
      if (outdated.size > 0 && outdated.has(keyOf(fix))) continue;
      const now = editsNow(fix, view);
      if (now) edits.set(fix, now);
    }
  }
  const chosen = yield* chooseTogether([...edits.keys()]);
  return { count: chosen.length, edits: chosen.flatMap((fix) => edits.get(fix) ?? []) };
}

const fixesOfStep = 100;

/** The same for one repair in several evaluations. */
function keyOf({ proven, edits }: Fix): string {
  return JSON.stringify([proven, edits]);
}

/** The action that an editor takes by itself when a file is saved; none where nobody asked for its kind. */
export function* fixAllActions(
  snapshot: Snapshot,
  file: string,
  { only = [] }: CodeActionContext,
  options: CodeActionOptions,
): Steps<CodeAction[]> {
  if (!only.some((kind) => kind === fixAllKind || (kind !== '' && fixAllKind.startsWith(`${kind}.`))))
    return [];
  const { count, edits } = yield* repairsAtOnce(snapshot, { file });
  if (count === 0) return [];
  return [
    {
      title: `Repair all that is proven in this file (${count})`,
      kind: fixAllKind,
      edit: workspaceEdit(edits, snapshot, options),
    },
  ];
}

/** For each rule of the findings at a range: to repair all that it finds, where that is more than one cause. */
export function* repairAllOfKind(
  snapshot: Snapshot,
  file: string,
  range: Range,
  context: CodeActionContext,
  options: CodeActionOptions,
): Steps<CodeAction[]> {
  const places = new Map<RuleId, Range[]>();
  for (const view of viewsOf(snapshot)) {
    for (const { part, range: shown } of yield* partsAt(view, file, range)) {
      const { rule } = part.leaks[0];
      places.set(rule, [...(places.get(rule) ?? []), shown]);
    }
  }
  const action = (
    rule: RuleId,
    shown: readonly Range[],
    { count, edits }: RepairsAtOnce,
    where: string,
  ): CodeAction => ({
    title: `Repair all ${count} of \`${rule}\` in ${where} (each proven)`,
    kind: CodeActionKind.QuickFix,
    diagnostics: shownAtAny(shown, context),
    edit: workspaceEdit(edits, snapshot, options),
  });
  const actions: CodeAction[] = [];
  for (const [rule, shown] of places) {
    const inFile = yield* repairsAtOnce(snapshot, { file, rule });
    const everywhere = yield* repairsAtOnce(snapshot, { rule });
    if (inFile.count > 1) actions.push(action(rule, shown, inFile, 'this file'));
    if (everywhere.count > Math.max(1, inFile.count))
      actions.push(action(rule, shown, everywhere, 'the workspace'));
  }
  return actions;
}

/** What all the repairs of the workspace are, with what is said of them; no edits where there are none. */
export function* repairWorkspace(snapshot: Snapshot): Steps<RepairsAtOnce & { readonly message: string }> {
  const all = yield* repairsAtOnce(snapshot);
  const files = new Set(all.edits.map(({ file }) => file)).size;
  const isAnyStale = viewsOf(snapshot).some((view) => isStale(view.evaluation, view));
  const repairs = `${all.count} proven ${all.count === 1 ? 'repair' : 'repairs'}`;
  const nothing = isAnyStale
    ? 'Nothing is proven of texts that have changed: save them, and wait for the evaluation.'
    : 'There is no repair that is proven for all targets.';
  return {
    ...all,
    message:
      all.count === 0
        ? nothing
        : `${repairs} in ${files} ${files === 1 ? 'file' : 'files'}. Saved, they are evaluated again.`,
  };
}
