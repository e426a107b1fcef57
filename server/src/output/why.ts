import { allShortestPaths, mostSteps, type ShortestPaths } from '../check/allShortestPaths.ts';
import type { Report } from '../model/report.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { CrossingEdge } from '../model/judgement.ts';
import type { JsonDerivation, JsonRange } from './json.ts';
import { drawPaths, platformsOf, type Picture } from './picture.ts';
import { derivationJson, rangeJson } from './toJson.ts';
import type { Paint } from './paint.ts';
import { placeOf } from './toText.ts';
import { terminalText } from './shown.ts';
import { countOf, formatNumber, oneLine } from './sentences.ts';

/** Paths that are told of one derivation. */
const mostPaths = 20;

/** Steps further from the root are not indented more: a long chain would fill the disk with spaces. */
const deepestIndent = 60;

/** Why a derivation is in a closure, as `why --format json` prints it. */
export interface JsonWhy {
  readonly version: 1;
  readonly evaluatedAs: string;
  readonly root: JsonDerivation;
  readonly input: JsonDerivation;
  /** Expressions of the workspace that have it as their value. */
  readonly expressions: readonly (JsonRange & { readonly text: string })[];
  /** How many shortest paths there are, in decimal digits. */
  readonly count: string;
  /** The first of them: the steps from the root to the input. */
  readonly paths: readonly (readonly JsonStep[])[];
}

export interface JsonStep {
  readonly consumer: JsonDerivation;
  readonly input: JsonDerivation;
  readonly roles: readonly string[];
  /** Where the edge breaks a rule. */
  readonly crossing?: {
    readonly severity: string;
    readonly rule: string;
    readonly needs: readonly string[];
    readonly runsOn: string;
    readonly explanation: string;
  };
}

/** @param directory what files are relative to */
export function whyJson(report: Report, input: DerivationId, directory: string): JsonWhy {
  const { graph, observations } = report;
  const { count, paths } = allShortestPaths(graph)(input, mostPaths);
  const crossing = crossingEdges(report);
  return {
    version: 1,
    evaluatedAs: report.evaluatedAs,
    root: derivationJson(graph, graph.root),
    input: derivationJson(graph, input),
    expressions: observations
      .filter(({ derivations }) => derivations.includes(input))
      .map(({ source, text }) => ({ ...rangeJson(source, directory), text })),
    count: String(count),
    paths: paths.map((path) =>
      path.slice(1).map((id, index): JsonStep => {
        const consumer = path[index] ?? graph.root;
        const roles = graph.inputs(consumer).find((edge) => edge.input === id)?.roles ?? [];
        const wrong = crossing.get(`${consumer} ${id}`);
        return {
          consumer: derivationJson(graph, consumer),
          input: derivationJson(graph, id),
          roles,
          ...(wrong && {
            crossing: {
              severity: wrong.severity,
              rule: wrong.rule,
              needs: wrong.needs,
              runsOn: wrong.runsOn,
              explanation: wrong.explanation,
            },
          }),
        };
      }),
    ),
  };
}

function crossingEdges({ leaks }: Report): Map<string, CrossingEdge> {
  return new Map(leaks.flatMap(({ edges }) => edges).map((edge) => [`${edge.consumer} ${edge.input}`, edge]));
}

/** For people; ends with a line break. */
export function whyText(why: JsonWhy, paint: Paint): string {
  const { root, input, expressions, count, paths } = why;
  const isOne = count === '1';
  const many = isOne ? 'one shortest path leads' : `${grouped(count)} shortest paths lead`;
  const shown = BigInt(count) > BigInt(paths.length) ? `, of which these are the first ${paths.length}` : '';
  const lines = [
    `${paint.bold(input.name)} (${systemsOf(input)}) in ${root.name}, evaluated as ${why.evaluatedAs}: ${
      input.drvPath === root.drvPath ? 'it is the root' : `${many} to it${shown}`
    }`,
    `  ${paint.dim(input.drvPath)}`,
    ...expressions.slice(0, 5).map((at) => `  ${paint.dim('named at')} ${placeOf(at)}  ${oneLine(at.text)}`),
  ];
  for (const path of paths) {
    if (path.length === 0) continue;
    lines.push('', `${root.name} (${systemsOf(root)})`);
    for (const [depth, step] of path.entries()) {
      const arrow = `${'  '.repeat(Math.min(depth, deepestIndent))}└─ ${step.roles.join(', ')} → `;
      const end = `${step.input.name} (${systemsOf(step.input)})`;
      const { crossing } = step;
      if (!crossing) lines.push(`${paint.dim(arrow)}${end}`);
      else
        lines.push(
          `${paint.red(arrow)}${paint.red(end)}  ✗ ${crossing.rule}: needs ${crossing.needs.join(' or ')}, runs on ${crossing.runsOn}`,
        );
    }
  }
  return terminalText(lines);
}

/** The same paths, drawn; of several derivations, one path to each. */
export function whyPicture(report: Report, ids: readonly DerivationId[], wanted: string): Picture {
  const { graph, leaks } = report;
  const pathsTo = allShortestPaths(graph);
  const most = ids.length > 1 ? 1 : mostPaths;
  const found: ShortestPaths[] = [];
  let steps = 0;
  for (const id of ids) {
    if (steps >= mostSteps) break;
    const one = pathsTo(id, most);
    found.push(one);
    for (const path of one.paths) steps += path.length;
  }
  const paths = found.flatMap((one) => one.paths);
  const title = `Why ${wanted} is in ${graph.derivation(graph.root).name}`;
  const { picture, left } = drawPaths(graph, paths, leaks, title);
  const all = ids.length > 1 ? BigInt(ids.length) : (found[0]?.count ?? 0n);
  const missing = all - BigInt(paths.length - left);
  return missing > 0n
    ? { ...picture, title: `${title} (and ${grouped(String(missing))} more paths)` }
    : picture;
}

/** Several derivations that a name may mean, one a line. */
export function matchesText(
  { graph, leaks }: Report,
  ids: readonly DerivationId[],
  wanted: string,
  most = 50,
): string {
  const lines = ids.slice(0, most).map((id) => {
    const derivation = graph.derivation(id);
    const isWrong = leaks.some(({ input, severity }) => input === id && severity !== 'info');
    return `${isWrong ? '✗ ' : '  '}${derivation.name} (${platformsOf(derivation)})  ${derivation.drvPath}`;
  });
  const rest = ids.length - lines.length;
  return terminalText([
    `${countOf(ids.length, 'derivation')} of the closure match ${wanted}; name one of them:`,
    ...lines,
    ...(rest > 0 ? [`  and ${formatNumber(rest)} more`] : []),
  ]);
}

function systemsOf({ buildSystem, hostSystem }: JsonDerivation): string {
  return hostSystem === null || hostSystem === buildSystem ? buildSystem : `${buildSystem} → ${hostSystem}`;
}

/** `1,234,567`. */
function grouped(digits: string): string {
  return formatNumber(BigInt(digits));
}
