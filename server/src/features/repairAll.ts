import { CodeActionKind, type CodeAction, type CodeActionContext } from 'vscode-languageserver-types';

import { chooseTogether, isWholeRepair } from '../fixes/applying/chooseTogether.ts';
import type { Fix } from '../fixes/fix.ts';
import type { RuleId } from '../model/judgement.ts';
import type { Range } from '../model/location.ts';
import { isStale, viewsOf, type Snapshot, type View } from '../snapshot/snapshot.ts';
import { shownAt } from './diagnostics.ts';
import { placeParts } from './findingDiagnostics.ts';
import { editsNow, touches } from './places.ts';
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
function repairsAtOnce(snapshot: Snapshot, { file, rule }: RepairsWanted = {}): RepairsAtOnce {
  const views = viewsOf(snapshot);
  const known = views.flatMap((view) =>
    view.evaluation.evaluated.fixes.map((fix) => ({
      fix,
      view,
      key: JSON.stringify([fix.proven, fix.edits]),
    })),
  );
  const isOutdated = new Map(views.map((view) => [view, isStale(view.evaluation, view)]));
  const outdated = new Set(known.flatMap(({ view, key }) => (isOutdated.get(view) ? key : [])));
  const wanted = known.filter(
    ({ fix, view, key }) =>
      !outdated.has(key) &&
      isWholeRepair(fix) &&
      (file === undefined || fix.edits.every((edit) => edit.file === file)) &&
      (rule === undefined || repairsRule(fix, rule, view)),
  );
  const edits = new Map<Fix, readonly PlacedEdit[]>();
  for (const { fix, view } of wanted) {
    const now = editsNow(fix, view);
    if (now) edits.set(fix, now);
  }
  const chosen = chooseTogether([...edits.keys()]);
  return { count: chosen.length, edits: chosen.flatMap((fix) => edits.get(fix) ?? []) };
}

function repairsRule({ repairs }: Fix, rule: RuleId, { evaluation }: View): boolean {
  return evaluation.evaluated.report.leaks.some((leak) => leak.rule === rule && repairs.includes(leak.input));
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
  const { count, edits } = repairsAtOnce(snapshot, { file });
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
    for (const { part, file: shownIn, range: shown } of placeParts(view)) {
      if (shownIn !== file || !touches(shown, range)) continue;
      const { rule } = part.leaks[0];
      places.set(rule, [...(places.get(rule) ?? []), shown]);
    }
  }
  return [...places].flatMap(([rule, shown]) => {
    const diagnostics = [...new Set(shown.flatMap((at) => shownAt(at, context)))];
    const inFile = repairsAtOnce(snapshot, { file, rule });
    const everywhere = repairsAtOnce(snapshot, { rule });
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
  const all = repairsAtOnce(snapshot);
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
