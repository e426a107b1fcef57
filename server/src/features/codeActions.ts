import { CodeActionKind, type CodeAction, type CodeActionContext } from 'vscode-languageserver-types';

import { isWholeRepair } from '../fixes/applying/chooseTogether.ts';
import type { Fix } from '../fixes/fix.ts';
import type { Range } from '../model/location.ts';
import { isStale, viewsOf, type Snapshot, type View } from '../snapshot/snapshot.ts';
import { shownAt } from './diagnostics.ts';
import { partsAt } from './findingDiagnostics.ts';
import { failureCommand } from './failureCommand.ts';
import { attributePlaceOf, editsNow, touches } from './places.ts';
import { fixAllActions, repairAllOfKind } from './repairAll.ts';
import { allowFindings, mendSuppressions } from './suppressionActions.ts';
import { editorLine, oneLine } from './editorMessages.ts';
import { workspaceEdit, type CodeActionOptions } from './workspaceEdit.ts';

/**
 * `textDocument/codeAction`: the repairs of the leaks that are shown at a
 * range, or that would edit it; behind them what mends or writes a suppression.
 * A repair that was proven by evaluating the repaired source says what was
 * proven, and the first one is preferred that is proven for all targets and
 * leaves nothing wrong; once the text has changed, nothing is proven any more.
 */
export function codeActions(
  snapshot: Snapshot,
  file: string,
  range: Range,
  context: CodeActionContext,
  options: CodeActionOptions,
): CodeAction[] {
  const fixAll = fixAllActions(snapshot, file, context, options);
  if (!wantsQuickFixes(context)) return fixAll;
  const actions = new Map<string, CodeAction>();
  for (const view of viewsOf(snapshot)) {
    for (const action of actionsOf(view, file, range, context, options)) {
      const key = JSON.stringify(action.edit);
      const other = actions.get(key);
      // What one evaluation proved and another did not is told as proven.
      if (!other || (action.isPreferred && !other.isPreferred)) actions.set(key, action);
    }
  }
  const at = [snapshot, file, range, context] as const;
  return [
    ...failureActionsAt(...at),
    ...onePreferred([...actions.values()]),
    ...repairAllOfKind(...at, options),
    ...fixAll,
    ...mendSuppressions(...at, options),
    ...allowFindings(...at, options),
  ].map((action) => ({ ...action, title: editorLine(action.title) }));
}

/** What can be done about the failures that are shown at a range. */
function failureActionsAt(
  snapshot: Snapshot,
  file: string,
  range: Range,
  context: CodeActionContext,
): CodeAction[] {
  const actions = new Map<string, CodeAction>();
  for (const evaluation of snapshot.evaluations) {
    const place = attributePlaceOf(evaluation, snapshot);
    for (const { action, source } of evaluation.failure?.errors ?? []) {
      // A failure is shown where it is raised, or else at the target.
      const shown = [source, place].find((at) => at?.file === file && touches(at.range, range));
      const command = action && failureCommand(action, snapshot);
      if (!shown || !command) continue;
      const diagnostics = shownAt(shown.range, context);
      const { title } = command;
      actions.set(JSON.stringify(command), { title, kind: CodeActionKind.QuickFix, diagnostics, command });
    }
  }
  return [...actions.values()];
}

function onePreferred(actions: readonly CodeAction[]): CodeAction[] {
  const preferred = actions.find(({ isPreferred }) => isPreferred);
  return actions.map((action) =>
    action === preferred || !action.isPreferred ? action : { ...action, isPreferred: false },
  );
}

function actionsOf(
  view: View,
  file: string,
  range: Range,
  context: CodeActionContext,
  options: CodeActionOptions,
): CodeAction[] {
  const { fixes } = view.evaluation.evaluated;
  if (fixes.length === 0) return [];
  const shown = partsAt(view, file, range);
  const inputs = new Set(shown.flatMap(({ part }) => part.leaks.map(({ input }) => input)));
  const stale = isStale(view.evaluation, view);
  const actions: CodeAction[] = [];
  for (const fix of fixes) {
    const edits = editsNow(fix, view);
    if (!edits) continue;
    const repairsShown = fix.repairs.some((input) => inputs.has(input));
    if (!repairsShown && !edits.some((edit) => edit.file === file && touches(edit.range, range))) continue;
    const repaired = shown.filter(({ part }) => part.leaks.some(({ input }) => fix.repairs.includes(input)));
    const isPreferred = isWholeRepair(fix) && !stale && !actions.some((action) => action.isPreferred);
    actions.push({
      title: titleOf(fix, stale),
      kind: CodeActionKind.QuickFix,
      diagnostics: [...new Set(repaired.flatMap((place) => shownAt(place.range, context)))],
      edit: workspaceEdit(edits, view, options),
      ...(isPreferred && { isPreferred }),
    });
  }
  return actions;
}

function wantsQuickFixes({ only }: CodeActionContext): boolean {
  return !only || only.some((kind) => kind === CodeActionKind.Empty || CodeActionKind.QuickFix === kind);
}

function titleOf({ title, proof }: Fix, stale: boolean): string {
  if (proof.kind === 'unproven') return `${title} (not proven: ${oneLine(proof.reason, 80)})`;
  if (stale) return `${title} (proven before the last change)`;
  return `${title} (${proof.isPartial ? 'proven in part' : 'proven'}: ${proof.statement})`;
}
