import { CodeActionKind, type CodeAction, type CodeActionContext } from 'vscode-languageserver-types';

import type { RuleId } from '../model/judgement.ts';
import type { Range } from '../model/location.ts';
import type { Steps } from '../model/slices.ts';
import type { SuppressionPlace } from '../model/suppression.ts';
import { viewsOf, type Snapshot } from '../snapshot/snapshot.ts';
import { suppressionText } from '../syntax/suppressionComments.ts';
import { shownAt } from './diagnostics.ts';
import { partsAt } from './findingDiagnostics.ts';
import { locate, touches } from './places.ts';
import { placeSuppressions } from './suppressionDiagnostics.ts';
import { listOf } from './editorMessages.ts';
import { workspaceEdit, type CodeActionOptions } from './workspaceEdit.ts';

/** What mends the suppressions that something is wrong with, at a range. */
export function mendSuppressions(
  snapshot: Snapshot,
  file: string,
  range: Range,
  context: CodeActionContext,
  options: CodeActionOptions,
): CodeAction[] {
  return placeSuppressions(snapshot)
    .filter((placed) => placed.file === file && touches(placed.range, range))
    .flatMap(({ finding, view, range: comment }) =>
      finding.edits.flatMap(({ title, newText, ...place }) => {
        const now = locate(view, place);
        if (!now) return [];
        return {
          title,
          kind: CodeActionKind.QuickFix,
          diagnostics: [...shownAt(comment, context)],
          edit: workspaceEdit([{ file: place.file, range: now, newText }], snapshot, options),
        };
      }),
    );
}

/** A place where a suppression may be written, with what it has to allow. */
interface Allowance {
  readonly place: SuppressionPlace;
  /** Where the findings are shown. */
  readonly range: Range;
  readonly rules: Set<RuleId>;
}

/** For each finding at a range, to allow it there; never preferred, since nothing is repaired by it. */
export function* allowFindings(
  snapshot: Snapshot,
  file: string,
  range: Range,
  context: CodeActionContext,
  options: CodeActionOptions,
): Steps<CodeAction[]> {
  const allowances = new Map<string, Allowance>();
  for (const view of viewsOf(snapshot)) {
    const { places } = view.evaluation.evaluated.report.suppressions;
    for (const { part, range: shown } of yield* partsAt(view, file, range)) {
      yield;
      const place = part.origin && places.get(part.leaks[0].input);
      const now = place && locate(view, place);
      if (!now) continue;
      const key = JSON.stringify([now, shown]);
      const allowance = allowances.get(key) ?? {
        place: { ...place, range: now },
        range: shown,
        rules: new Set(),
      };
      allowances.set(key, allowance);
      for (const { edges, faults } of part.leaks)
        for (const { rule } of [...edges, ...faults]) allowance.rules.add(rule);
    }
  }
  return [...allowances.values()].map(({ place, range: shown, rules }) => ({
    title: `Allow ${listOf([...rules], rules.size)} here: …`,
    kind: CodeActionKind.QuickFix,
    diagnostics: [...shownAt(shown, context)],
    edit: workspaceEdit(
      [{ ...place, newText: `${place.before}${suppressionText([...rules], 'why')}${place.after}` }],
      snapshot,
      options,
    ),
  }));
}
