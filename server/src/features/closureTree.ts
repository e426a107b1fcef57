import type { AttributedLeak, Report } from '../model/report.ts';
import type { DerivationId } from '../model/derivation.ts';
import type {
  ClosureChildrenParams,
  ClosureChildrenResult,
  ClosureNode,
  ClosurePathParams,
  ClosurePathResult,
} from '../protocol.ts';
import { viewsOf, type Snapshot, type View } from '../snapshot/snapshot.ts';
import { parseKey, type LeakGroupName } from './closureKeys.ts';
import {
  causeRow,
  consumersRow,
  derivationRow,
  evaluationRow,
  gapRow,
  groupRow,
  leakRow,
  originRow,
  outdatedRow,
  pathRow,
  stateOf,
} from './closureRows.ts';
import { isWrong } from './renderLeak.ts';
import { indexOf } from './reportIndex.ts';
import { editorLine, editorText } from './editorMessages.ts';

/** Rows of one page at most. */
const largestPage = 500;

/** Rows are made only when their page is asked for. */
type LazyRow = () => ClosureNode;

/** One page of the closure tree. */
export function closureChildren(snapshot: Snapshot, params: ClosureChildrenParams): ClosureChildrenResult {
  if (snapshot.reportsId !== params.reportId) return { current: false, nodes: [], total: 0 };
  const rows = rowsBelowAny(params.parent, snapshot);
  const offset = Math.max(0, params.offset);
  const limit = Math.min(Math.max(0, params.limit), largestPage);
  const nodes = rows.slice(offset, offset + limit).map((row) => shownNode(row()));
  return { current: true, nodes, total: rows.length };
}

/** A shortest path from the root to the derivation of a row. */
export function closurePath(snapshot: Snapshot, params: ClosurePathParams): ClosurePathResult {
  const row = derivationAt(snapshot, params);
  if (!row) return { nodes: [] };
  const { report, id, view, prefix } = row;
  const path = indexOf(report).pathTo(id);
  return {
    nodes: path.map((step, depth) => {
      const stepKey = ['root', ...path.slice(1, depth + 1)].join('/');
      return shownNode(below(prefix, () => derivationRow(stepKey, step, path[depth - 1], report, view))());
    }),
  };
}

/** A row with texts that editors show as they are. */
function shownNode(node: ClosureNode): ClosureNode {
  return {
    ...node,
    label: editorLine(node.label),
    description: editorLine(node.description),
    tooltip: editorText(node.tooltip),
  };
}

/** A row that stands for a derivation. */
interface RowDerivation {
  readonly report: Report;
  readonly id: DerivationId;
  readonly view: View;
  readonly prefix: string;
}

/** The derivation of a row; undefined where it stands for none, or the report is gone. */
export function derivationAt(
  snapshot: Snapshot,
  { reportId, key }: ClosurePathParams,
): RowDerivation | undefined {
  const at = snapshot.reportsId === reportId ? viewAt(key, snapshot) : undefined;
  const report = at?.view.evaluation.evaluated.report;
  const id = report && derivationOf(at.key ?? '', report);
  return !at || !report || id === undefined ? undefined : { report, id, view: at.view, prefix: at.prefix };
}

/** Which evaluation a key belongs to; there is a prefix only where there are several. */
function viewAt(
  key: string | undefined,
  snapshot: Snapshot,
): { readonly view: View; readonly prefix: string; readonly key: string | undefined } | undefined {
  const views = viewsOf(snapshot);
  const [first] = views;
  if (views.length === 1 && first) return { view: first, prefix: '', key };
  const parts = /^@(\d+)(?:\/(.*))?$/.exec(key ?? '');
  const view = parts && views.find(({ evaluation }) => evaluation.evaluated.id === Number(parts[1]));
  return view ? { view, prefix: `@${view.evaluation.evaluated.id}`, key: parts[2] } : undefined;
}

/** The same row, as one of this evaluation. */
function below(prefix: string, row: LazyRow): LazyRow {
  if (prefix === '') return row;
  return () => {
    const node = row();
    return { ...node, key: `${prefix}/${node.key}` };
  };
}

/** Several evaluations are the top level, those with leaks first. */
function rowsBelowAny(parent: string | undefined, snapshot: Snapshot): LazyRow[] {
  const views = viewsOf(snapshot);
  if (parent === undefined && views.length > 1) {
    const leaks = ({ evaluation }: View): number => leaksOf('leaks', evaluation.evaluated.report).length;
    return [...views]
      .sort((one, other) => Number(leaks(other) > 0) - Number(leaks(one) > 0))
      .map((view) => () => evaluationRow(`@${view.evaluation.evaluated.id}`, leaks(view), view));
  }
  const at = viewAt(parent, snapshot);
  if (!at) return [];
  return rowsBelow(at.key, at.view.evaluation.evaluated.report, at.view).map((row) => below(at.prefix, row));
}

function derivationOf(key: string, { graph }: Report): DerivationId | undefined {
  const parsed = parseKey(key);
  switch (parsed.kind) {
    case 'root':
      return graph.root;
    case 'derivation':
      return parsed.id < graph.size ? parsed.id : undefined;
    case 'leak':
      return parsed.input < graph.size ? parsed.input : undefined;
    default:
      return undefined;
  }
}

function rowsBelow(parent: string | undefined, report: Report, view: View): LazyRow[] {
  const key = parseKey(parent);
  const { graph } = report;
  switch (key.kind) {
    case 'top':
      return topRows(report, view);
    case 'group':
      return leaksOf(key.group, report).map(
        (leak) => () => leakRow(`${key.group}/${leak.input}`, leak, report, view),
      );
    case 'leak':
      return withLeak(key.input, report, (leak) => leakRows(parent ?? '', leak, report, view));
    case 'path':
      return withLeak(key.input, report, ({ path }) =>
        path.map((id, depth) => () => derivationRow(`${parent}/${id}`, id, path[depth - 1], report, view)),
      );
    case 'consumers':
      return withLeak(key.input, report, ({ edges }) =>
        edges.map((edge) => () => ({
          ...derivationRow(`${parent}/${edge.consumer}`, edge.consumer, undefined, report, view),
          description: `${edge.roles.join(', ')} · needs ${edge.needs.join(' or ')}`,
        })),
      );
    case 'root':
      return inputRows('root', graph.root, report, view);
    case 'derivation':
      return key.id < graph.size ? inputRows(parent ?? '', key.id, report, view) : [];
    case 'leaf':
      return [];
  }
}

/** That it is old, where it is; leaks, then the root. */
function topRows(report: Report, view: View): LazyRow[] {
  const { graph } = report;
  const notes = leaksOf('notes', report);
  return [
    ...(view.evaluation.failure ? [outdatedRow] : []),
    () => groupRow('leaks', leaksOf('leaks', report).length, report),
    () => ({ ...derivationRow('root', graph.root, undefined, report, view), kind: 'root' }),
    ...(notes.length > 0 ? [() => groupRow('notes', notes.length, report)] : []),
    ...graph.gaps.map((gap, index) => () => gapRow(`gap.${index}`, gap)),
  ];
}

/** Where it comes in and why, on which way, who uses it; then what it brings along. */
function leakRows(key: string, leak: AttributedLeak, report: Report, view: View): LazyRow[] {
  const { reason } = leak;
  return [
    ...leak.origins.map((origin, index) => () => originRow(`${key}/origin.${index}`, origin, view)),
    ...(reason ? [() => causeRow(`${key}/cause`, leak, reason, report, view)] : []),
    () => pathRow(`${key}/path`, leak, report),
    ...(leak.edges.length > 0 ? [() => consumersRow(`${key}/consumers`, leak)] : []),
    () => derivationRow(`${key}/${leak.input}`, leak.input, leak.edges[0]?.consumer, report, view),
  ];
}

/** Foreign inputs first, then by name. */
function inputRows(key: string, id: DerivationId, report: Report, view: View): LazyRow[] {
  const { graph } = report;
  const inputs = [...graph.inputIds(id)].map((input) => ({
    input,
    rank: ranks[stateOf(input, id, report)],
    name: graph.derivation(input).name,
  }));
  inputs.sort(
    (one, other) => one.rank - other.rank || compareNames(one.name, other.name) || one.input - other.input,
  );
  return inputs.map(
    ({ input }) =>
      () =>
        derivationRow(`${key}/${input}`, input, id, report, view),
  );
}

const ranks: Readonly<Record<ClosureNode['state'], number>> = {
  foreign: 0,
  unknown: 1,
  matching: 2,
  neutral: 3,
};

/** By code units: quick, and the same everywhere. */
function compareNames(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function leaksOf(group: LeakGroupName, { leaks }: Report): AttributedLeak[] {
  return leaks.filter((leak) => isWrong(leak) === (group === 'leaks'));
}

function withLeak(input: DerivationId, report: Report, rows: (leak: AttributedLeak) => LazyRow[]): LazyRow[] {
  const leak = indexOf(report).leakOf(input);
  return leak ? rows(leak) : [];
}
