import type { AttributedLeak, Report } from '../check/report.ts';
import type { DerivationId } from '../model/derivation.ts';
import type {
  ClosureChildrenParams,
  ClosureChildrenResult,
  ClosureNode,
  ClosurePathParams,
  ClosurePathResult,
} from '../protocol.ts';
import type { Snapshot } from '../session/snapshot.ts';
import { parseKey, type LeakGroupName } from './closureKeys.ts';
import {
  causeRow,
  consumersRow,
  derivationRow,
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

/** Rows of one page at most. */
const largestPage = 500;

/** Rows are made only when their page is asked for. */
type LazyRow = () => ClosureNode;

/** One page of the closure tree. */
export function closureChildren(snapshot: Snapshot, params: ClosureChildrenParams): ClosureChildrenResult {
  const report = currentReport(snapshot, params.reportId);
  if (!report) return { current: false, nodes: [], total: 0 };
  const rows = rowsBelow(params.parent, report, snapshot);
  const offset = Math.max(0, params.offset);
  const limit = Math.min(Math.max(0, params.limit), largestPage);
  return { current: true, nodes: rows.slice(offset, offset + limit).map((row) => row()), total: rows.length };
}

/** A shortest path from the root to the derivation of a row. */
export function closurePath(snapshot: Snapshot, { reportId, key }: ClosurePathParams): ClosurePathResult {
  const report = currentReport(snapshot, reportId);
  const id = report && derivationOf(key, report);
  if (!report || id === undefined) return { nodes: [] };
  const path = indexOf(report).pathTo(id);
  return {
    nodes: path.map((step, depth) => {
      const stepKey = ['root', ...path.slice(1, depth + 1)].join('/');
      return derivationRow(stepKey, step, path[depth - 1], report, snapshot);
    }),
  };
}

function currentReport({ evaluated }: Snapshot, reportId: number): Report | undefined {
  return evaluated?.id === reportId ? evaluated.report : undefined;
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

function rowsBelow(parent: string | undefined, report: Report, snapshot: Snapshot): LazyRow[] {
  const key = parseKey(parent);
  const { graph } = report;
  switch (key.kind) {
    case 'top':
      return topRows(report, snapshot);
    case 'group':
      return leaksOf(key.group, report).map(
        (leak) => () => leakRow(`${key.group}/${leak.input}`, leak, report, snapshot),
      );
    case 'leak':
      return withLeak(key.input, report, (leak) => leakRows(parent ?? '', leak, report, snapshot));
    case 'path':
      return withLeak(key.input, report, ({ path }) =>
        path.map(
          (id, depth) => () => derivationRow(`${parent}/${id}`, id, path[depth - 1], report, snapshot),
        ),
      );
    case 'consumers':
      return withLeak(key.input, report, ({ edges }) =>
        edges.map((edge) => () => ({
          ...derivationRow(`${parent}/${edge.consumer}`, edge.consumer, undefined, report, snapshot),
          description: `${edge.roles.join(', ')} · needs ${edge.needs.join(' or ')}`,
        })),
      );
    case 'root':
      return inputRows('root', graph.root, report, snapshot);
    case 'derivation':
      return key.id < graph.size ? inputRows(parent ?? '', key.id, report, snapshot) : [];
    case 'leaf':
      return [];
  }
}

/** That it is old, where it is; leaks, then the root. */
function topRows(report: Report, snapshot: Snapshot): LazyRow[] {
  const { graph } = report;
  const notes = leaksOf('notes', report);
  return [
    ...(snapshot.failure ? [outdatedRow] : []),
    () => groupRow('leaks', leaksOf('leaks', report).length, report),
    () => ({ ...derivationRow('root', graph.root, undefined, report, snapshot), kind: 'root' }),
    ...(notes.length > 0 ? [() => groupRow('notes', notes.length, report)] : []),
    ...graph.gaps.map((gap, index) => () => gapRow(`gap.${index}`, gap)),
  ];
}

/** Where it comes in and why, on which way, who uses it; then what it brings along. */
function leakRows(key: string, leak: AttributedLeak, report: Report, snapshot: Snapshot): LazyRow[] {
  const { cause } = leak;
  return [
    ...leak.origins.map((origin, index) => () => originRow(`${key}/origin.${index}`, origin, snapshot)),
    ...(cause ? [() => causeRow(`${key}/cause`, cause, snapshot)] : []),
    () => pathRow(`${key}/path`, leak, report),
    () => consumersRow(`${key}/consumers`, leak),
    () => derivationRow(`${key}/${leak.input}`, leak.input, leak.edges[0]?.consumer, report, snapshot),
  ];
}

/** Foreign inputs first, then by name. */
function inputRows(key: string, id: DerivationId, report: Report, snapshot: Snapshot): LazyRow[] {
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
        derivationRow(`${key}/${input}`, input, id, report, snapshot),
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
