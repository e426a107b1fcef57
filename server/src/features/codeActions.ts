import { CodeActionKind, type CodeAction, type CodeActionContext } from 'vscode-languageserver-types';

import { isWholeRepair } from '../fixes/applying/chooseTogether.ts';
import type { Fix } from '../fixes/fix.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Range } from '../model/location.ts';
import type { Steps } from '../model/slices.ts';
import { isBeingProven, isStale, viewsOf, type Snapshot, type View } from '../snapshot/snapshot.ts';
import { shownAt, shownAtAny } from './diagnostics.ts';
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
export function* codeActions(
  snapshot: Snapshot,
  file: string,
  range: Range,
  context: CodeActionContext,
  options: CodeActionOptions,
): Steps<CodeAction[]> {
  const fixAll = yield* fixAllActions(snapshot, file, context, options);
  if (!wantsQuickFixes(context)) return fixAll;
  const actions = new Map<string, CodeAction>();
  for (const view of viewsOf(snapshot)) {
    for (const action of yield* actionsOf(view, file, range, context, options)) {
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
    ...(yield* repairAllOfKind(...at, options)),
    ...fixAll,
    ...mendSuppressions(...at, options),
    ...(yield* allowFindings(...at, options)),
  ].map((action) => ({ ...action, title: editorLine(action.title) }));
}

/**
 * The evaluations whose repairs of what is shown at a range are still to be
 * found or proven, by their keys.
 */
export function* evaluationsBeingProven(
  snapshot: Snapshot,
  file: string,
  range: Range,
): Steps<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const view of viewsOf(snapshot)) {
    const { evaluation } = view;
    if (isBeingProven(evaluation) && (yield* partsAt(view, file, range)).length > 0)
      found.add(evaluation.key);
  }
  return found;
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
      const diagnostics = [...shownAt(shown.range, context)];
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

function* actionsOf(
  view: View,
  file: string,
  range: Range,
  context: CodeActionContext,
  options: CodeActionOptions,
): Steps<CodeAction[]> {
  const { fixes } = view.evaluation.evaluated;
  if (fixes.length === 0) return [];
  const shown = yield* partsAt(view, file, range);
  const placesOf = new Map<DerivationId, Range[]>();
  for (const place of shown)
    for (const { input } of place.part.leaks) {
      const others = placesOf.get(input);
      if (others) others.push(place.range);
      else placesOf.set(input, [place.range]);
    }
  const stale = isStale(view.evaluation, view);
  const actions: CodeAction[] = [];
  let isOnePreferred = false;
  for (const [index, fix] of fixes.entries()) {
    if (index % fixesOfStep === 0) yield;
    const repaired = fix.repairs.flatMap((input) => placesOf.get(input) ?? []);
    if (repaired.length === 0 && !fix.edits.some((edit) => edit.file === file)) continue;
    const edits = editsNow(fix, view);
    if (!edits) continue;
    if (repaired.length === 0 && !edits.some((edit) => edit.file === file && touches(edit.range, range)))
      continue;
    const isPreferred: boolean = isWholeRepair(fix) && !stale && !isOnePreferred;
    isOnePreferred ||= isPreferred;
    actions.push({
      title: titleOf(fix, stale, isBeingProven(view.evaluation)),
      kind: CodeActionKind.QuickFix,
      diagnostics: shownAtAny(repaired, context),
      edit: workspaceEdit(edits, view, options),
      ...(isPreferred && { isPreferred }),
    });
  }
  return actions;
}

const fixesOfStep = 100;

function wantsQuickFixes({ only }: CodeActionContext): boolean {
  return !only || only.some((kind) => kind === CodeActionKind.Empty || CodeActionKind.QuickFix === kind);
}

function titleOf({ title, proof }: Fix, stale: boolean, beingProven: boolean): string {
  if (proof.kind === 'unproven' && beingProven) return `${title} (being proven)`;
  if (proof.kind === 'unproven') return `${title} (not proven: ${oneLine(proof.reason, 80)})`;
  if (stale) return `${title} (proven before the last change)`;
  return `${title} (${proof.isPartial ? 'proven in part' : 'proven'}: ${proof.statement})`;
}
