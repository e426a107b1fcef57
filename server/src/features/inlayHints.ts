import { InlayHintKind, type InlayHint } from 'vscode-languageserver-types';

import type { DerivationId } from '../model/derivation.ts';
import type { Report } from '../model/report.ts';
import type { Range } from '../model/location.ts';
import { isStale, viewsOf, type Snapshot, type View } from '../snapshot/snapshot.ts';
import { around, comparePositions, locate, touches } from './places.ts';
import { platformLines, renderDerivation } from './renderDerivation.ts';
import { indexOf } from './reportIndex.ts';
import { editorLine, editorText } from './editorMessages.ts';

/** Systems that one hint names. */
const mostSystems = 3;

/** No sign of Nix: `: x86_64-linux` behind a `}` would read as a function. */
const plainSign = '▸';
/** From before the last change. */
const staleSign = '~';
const foreignSign = '⚠';

interface Seen {
  readonly range: Range;
  readonly values: readonly Value[];
}

/** A derivation of one evaluation. */
interface Value {
  readonly id: DerivationId;
  readonly view: View;
}

/**
 * `textDocument/inlayHint`: behind each expression that is a derivation, for
 * which platform it is. One hint for each place; foreign ones stand out.
 */
export function inlayHints(snapshot: Snapshot, file: string, range: Range): InlayHint[] {
  const which = snapshot.settings['inlayHints.enabled'];
  if (which === 'off') return [];
  const byEnd = new Map<string, Seen>();
  for (const view of viewsOf(snapshot)) {
    const index = indexOf(view.evaluation.evaluated.report);
    const where = { file, range: around(view, { file, range }) };
    for (const { source, derivations } of index.observationsEndingIn(where)) {
      const now = derivations.length > 0 ? locate(view, source) : undefined;
      if (!now || !touches({ start: now.end, end: now.end }, range)) continue;
      const key = `${now.end.line}:${now.end.character}`;
      const seen = { range: now, values: derivations.map((id) => ({ id, view })) };
      const other = byEnd.get(key);
      byEnd.set(key, other ? wider(other, seen) : seen);
    }
  }
  const inOrder = [...byEnd.values()].sort((one, other) => comparePositions(one.range.end, other.range.end));
  return inOrder.flatMap((seen): InlayHint[] => {
    const isForeign = seen.values.some(isMarked);
    return which === 'foreign' && !isForeign ? [] : [hintOf(seen, isForeign)];
  });
}

/** Of two expressions that end at one place the outer one; of one expression all values. */
function wider(one: Seen, other: Seen): Seen {
  const order = comparePositions(one.range.start, other.range.start);
  if (order !== 0) return order < 0 ? one : other;
  return { range: one.range, values: [...one.values, ...other.values] };
}

function hintOf({ range, values }: Seen, isForeign: boolean): InlayHint {
  const sorted = [...values].sort((one, other) => Number(isMarked(other)) - Number(isMarked(one)));
  const systems = [
    ...new Set(sorted.map(({ id, view }) => platformLines(reportOf(view).graph.derivation(id)))),
  ];
  const rest = systems.length - mostSystems;
  const text = systems.slice(0, mostSystems).join(', ') + (rest > 0 ? ` +${rest}` : '');
  const [first] = sorted;
  const stale = values.some(({ view }) => isStale(view.evaluation, view)) ? staleSign : '';
  const sign = isForeign ? `${stale}${foreignSign}` : stale || plainSign;
  return {
    position: range.end,
    label: editorLine(`${sign} ${text}`),
    kind: InlayHintKind.Type,
    paddingLeft: true,
    ...(isForeign &&
      first !== undefined && {
        tooltip: {
          kind: 'markdown',
          value: editorText(renderDerivation(first.id, reportOf(first.view), first.view)),
        },
      }),
  };
}

/** Foreign, or the input of a leak; what Nix itself makes, what is only noted and what is allowed is neither. */
function isMarked({ id, view }: Value): boolean {
  const report = reportOf(view);
  const index = indexOf(report);
  const leak = index.leakOf(id);
  if (leak && leak.severity !== 'info') return true;
  if (index.suppressedOf(id)) return false;
  return index.isForeign(id) && report.graph.derivation(id).host.kind !== 'neutral';
}

function reportOf({ evaluation }: View): Report {
  return evaluation.evaluated.report;
}
