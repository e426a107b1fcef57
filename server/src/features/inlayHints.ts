import { InlayHintKind, type InlayHint } from 'vscode-languageserver-types';

import type { DerivationId } from '../model/derivation.ts';
import type { Report } from '../check/report.ts';
import type { Range } from '../model/location.ts';
import { isStale, type Snapshot } from '../session/snapshot.ts';
import { around, comparePositions, locate, touches } from './places.ts';
import { platformsOf, renderDerivation } from './renderDerivation.ts';
import { indexOf } from './reportIndex.ts';

/** Systems that one hint names. */
const mostSystems = 3;

/** No sign of Nix: `: x86_64-linux` behind a `}` would read as a function. */
const plainSign = '▸';
/** From before the last change. */
const staleSign = '~';
const foreignSign = '⚠';

interface Seen {
  readonly range: Range;
  readonly derivations: readonly DerivationId[];
}

/**
 * `textDocument/inlayHint`: behind each expression that is a derivation, for
 * which platform it is. One hint for each place; foreign ones stand out.
 */
export function inlayHints(snapshot: Snapshot, file: string, range: Range): InlayHint[] {
  const which = snapshot.settings['inlayHints.enabled'];
  const report = snapshot.evaluated?.report;
  if (!report || which === 'off') return [];
  const index = indexOf(report);
  const byEnd = new Map<string, Seen>();
  for (const { source, derivations } of index.observationsEndingIn({
    file,
    range: around(snapshot, { file, range }),
  })) {
    const now = derivations.length > 0 ? locate(snapshot, source) : undefined;
    if (!now || !touches({ start: now.end, end: now.end }, range)) continue;
    const key = `${now.end.line}:${now.end.character}`;
    const other = byEnd.get(key);
    byEnd.set(key, other ? wider(other, { range: now, derivations }) : { range: now, derivations });
  }
  const inOrder = [...byEnd.values()].sort((one, other) => comparePositions(one.range.end, other.range.end));
  return inOrder.flatMap((seen): InlayHint[] => {
    const isForeign = seen.derivations.some((id) => isMarked(id, report));
    return which === 'foreign' && !isForeign ? [] : [hintOf(seen, isForeign, report, snapshot)];
  });
}

/** Of two expressions that end at one place the outer one; of one expression all values. */
function wider(one: Seen, other: Seen): Seen {
  const order = comparePositions(one.range.start, other.range.start);
  if (order !== 0) return order < 0 ? one : other;
  return { range: one.range, derivations: [...new Set([...one.derivations, ...other.derivations])] };
}

function hintOf(
  { range, derivations }: Seen,
  isForeign: boolean,
  report: Report,
  snapshot: Snapshot,
): InlayHint {
  const { graph } = report;
  const sorted = [...derivations].sort(
    (one, other) => Number(isMarked(other, report)) - Number(isMarked(one, report)),
  );
  const systems = [...new Set(sorted.map((id) => platformsOf(graph.derivation(id))))];
  const rest = systems.length - mostSystems;
  const text = systems.slice(0, mostSystems).join(', ') + (rest > 0 ? ` +${rest}` : '');
  const [first] = sorted;
  const stale = isStale(snapshot) ? staleSign : '';
  const sign = isForeign ? `${stale}${foreignSign}` : stale || plainSign;
  return {
    position: range.end,
    label: `${sign} ${text}`,
    kind: InlayHintKind.Type,
    paddingLeft: true,
    ...(isForeign &&
      first !== undefined && {
        tooltip: { kind: 'markdown', value: renderDerivation(first, report, snapshot) },
      }),
  };
}

/** Foreign, or the input of a leak; what Nix itself makes and what is only noted is neither. */
function isMarked(id: DerivationId, report: Report): boolean {
  const index = indexOf(report);
  const leak = index.leakOf(id);
  if (leak && leak.severity !== 'info') return true;
  return index.isForeign(id) && report.graph.derivation(id).host.kind !== 'neutral';
}
