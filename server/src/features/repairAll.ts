import { CodeActionKind, type CodeAction, type CodeActionContext } from 'vscode-languageserver-types';

import { chooseTogether, isWholeRepair } from '../fixes/applying/chooseTogether.ts';
import type { Fix } from '../fixes/fix.ts';
import type { RuleId } from '../model/judgement.ts';
import type { Range } from '../model/location.ts';
import { isStale, viewsOf, type Snapshot, type View } from '../snapshot/snapshot.ts';
import { shownAt } from './diagnostics.ts';
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

/** A repair that may be applied with others, in the texts as they are now. */
interface PlacedRepair {
  readonly fix: Fix;
  readonly edits: readonly PlacedEdit[];
  /** What finds that which it repairs. */
  readonly rules: ReadonlySet<RuleId>;
}

/**
 * All repairs that are proven for all targets and leave nothing of their causes
 * wrong. Once a text has changed that was evaluated, nothing of it is proven any more.
 */
function wholeRepairs(snapshot: Snapshot): PlacedRepair[] {
  const views = viewsOf(snapshot);
  const keyOf = ({ proven, edits }: Fix): string => JSON.stringify([proven, edits]);
  const fixesOf = (view: View): readonly Fix[] => view.evaluation.evaluated.fixes.filter(isWholeRepair);
  const stale = new Set(views.filter((view) => isStale(view.evaluation, view)));
  const outdated = new Set([...stale].flatMap((view) => fixesOf(view).map(keyOf)));
  return views.flatMap((view) => {
    if (stale.has(view)) return [];
    const ruleOf = new Map(view.evaluation.evaluated.report.leaks.map(({ input, rule }) => [input, rule]));
    return fixesOf(view).flatMap((fix): PlacedRepair[] => {
      if (outdated.size > 0 && outdated.has(keyOf(fix))) return [];
      const edits = editsNow(fix, view);
      const rules = new Set(fix.repairs.flatMap((input) => ruleOf.get(input) ?? []));
      return edits ? [{ fix, edits, rules }] : [];
    });
  });
}

/** Those of some repairs that were proven together. */
function repairsAtOnce(repairs: readonly PlacedRepair[], { file, rule }: RepairsWanted = {}): RepairsAtOnce {
  const wanted = repairs.filter(
    ({ fix, rules }) =>
      (file === undefined || fix.edits.every((edit) => edit.file === file)) &&
      (rule === undefined || rules.has(rule)),
  );
  const edits = new Map(wanted.map((repair) => [repair.fix, repair.edits]));
  const chosen = chooseTogether([...edits.keys()]);
  return { count: chosen.length, edits: chosen.flatMap((fix) => edits.get(fix) ?? []) };
}

/** The action that an editor takes by itself when a file is saved; none where nobody asked for its kind. */
export function fixAllActions(
  snapshot: Snapshot,
  file: string,
  { only = [] }: CodeActionContext,
  options: CodeActionOptions,
): CodeAction[] {
  if (!only.some((kind) => kind === fixAllKind || (kind !== '' && fixAllKind.startsWith(`${kind}.`))))
    return [];
  const { count, edits } = repairsAtOnce(wholeRepairs(snapshot), { file });
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
export function repairAllOfKind(
  snapshot: Snapshot,
  file: string,
  range: Range,
  context: CodeActionContext,
  options: CodeActionOptions,
): CodeAction[] {
  const places = new Map<RuleId, Range[]>();
  for (const view of viewsOf(snapshot)) {
    for (const { part, range: shown } of partsAt(view, file, range)) {
      const { rule } = part.leaks[0];
      places.set(rule, [...(places.get(rule) ?? []), shown]);
    }
  }
  if (places.size === 0) return [];
  const repairs = wholeRepairs(snapshot);
  return [...places].flatMap(([rule, shown]) => {
    const diagnostics = [...new Set(shown.flatMap((at) => shownAt(at, context)))];
    const inFile = repairsAtOnce(repairs, { file, rule });
    const everywhere = repairsAtOnce(repairs, { rule });
    const action = ({ count, edits }: RepairsAtOnce, where: string): CodeAction => ({
      title: `Repair all ${count} of \`${rule}\` in ${where} (each proven)`,
      kind: CodeActionKind.QuickFix,
      diagnostics,
      edit: workspaceEdit(edits, snapshot, options),
    });
    return [
      ...(inFile.count > 1 ? [action(inFile, 'this file')] : []),
      ...(everywhere.count > Math.max(1, inFile.count) ? [action(everywhere, 'the workspace')] : []),
    ];
  });
}

/** What all the repairs of the workspace are, with what is said of them; no edits where there are none. */
export function repairWorkspace(snapshot: Snapshot): RepairsAtOnce & { readonly message: string } {
  const all = repairsAtOnce(wholeRepairs(snapshot));
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
