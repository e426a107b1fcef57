import { suppressedIn } from '../check/policy.ts';
import {
  decisiveCause,
  type AttributedLeak,
  type Origin,
  type Reason,
  type Report,
} from '../model/report.ts';
import type { DerivationId, EdgeRole, Gap } from '../model/derivation.ts';
import type { SourceRange } from '../model/location.ts';
import type { ClosureNode, NodeLocation } from '../protocol.ts';
import { labelOf, type View } from '../snapshot/snapshot.ts';
import type { LeakGroupName } from './closureKeys.ts';
import { locate, uriIn } from './places.ts';
import { platformLines, renderDerivation } from './renderDerivation.ts';
import { summarize } from './renderLeak.ts';
import { indexOf } from './reportIndex.ts';
import { code, countOf, escapeMarkdown, foreignWord, oneLine } from './editorMessages.ts';

/** How a derivation stands to its consumer, and to the closure as a whole. */
export function stateOf(
  id: DerivationId,
  consumer: DerivationId | undefined,
  report: Report,
): ClosureNode['state'] {
  const index = indexOf(report);
  const crossing = consumer === undefined ? undefined : index.crossing(consumer, id);
  if (crossing && crossing.severity !== 'info') return 'foreign';
  const { host } = report.graph.derivation(id);
  if (host.kind === 'neutral') return 'neutral';
  if (index.isForeign(id)) return 'foreign';
  return host.certainty === 'assumed' ? 'unknown' : 'matching';
}

/** One evaluation among several. */
export function evaluationRow(key: string, leaks: number, view: View): ClosureNode {
  const { evaluation } = view;
  const summary = summarize(evaluation.evaluated.report);
  const reason = evaluation.isCompanion ? ' · for an open file' : '';
  return {
    key,
    kind: 'evaluation',
    label: labelOf(evaluation),
    description: `${summary}${reason}`,
    tooltip: escapeMarkdown(`${labelOf(evaluation)}: ${summary}.`),
    state: leaks > 0 ? 'foreign' : 'matching',
    expandable: true,
  };
}

export function groupRow(group: LeakGroupName, count: number, report: Report): ClosureNode {
  const isLeaks = group === 'leaks';
  return {
    key: group,
    kind: 'leaks',
    label: count === 0 ? 'No leaks' : isLeaks ? countOf(count, 'leak') : countOf(count, 'note'),
    description:
      count === 0
        ? suppressedIn(report).length > 0
          ? summarize(report)
          : countOf(report.graph.size, 'derivation')
        : isLeaks
          ? sizeOf(report)
          : 'no mistakes',
    tooltip: isLeaks
      ? 'The inputs through which everything foreign comes into the closure.'
      : 'No mistakes: fixed outputs that need a builder of another system, what nobody here can build and has to be substituted, and the like.',
    state: isLeaks && count > 0 ? 'foreign' : isLeaks ? 'matching' : 'neutral',
    expandable: count > 0,
  };
}

/** What {@link summarize} says besides the number of leaks, where that stands before it. */
function sizeOf(report: Report): string {
  if (indexOf(report).foreignCount > 0) return summarize(report);
  const suppressed = suppressedIn(report).length;
  const allowed = suppressed > 0 ? ` · ${suppressed} suppressed` : '';
  return `${countOf(report.graph.size, 'derivation')}${allowed}`;
}

export function leakRow(key: string, leak: AttributedLeak, report: Report, view: View): ClosureNode {
  const { graph } = report;
  const derivation = graph.derivation(leak.input);
  const origin = leak.origins[0] && locationOf(leak.origins[0].source, view);
  const word = foreignWord(indexOf(report).foreignSystems, graph.system(graph.root));
  const weight = leak.bringsIn > 0 ? [weightOf(leak, `${word} derivation`, report)] : [];
  return {
    key,
    kind: 'leak',
    label: derivation.name,
    description: [platformLines(derivation), ...weight].join(' · '),
    tooltip: renderDerivation(leak.input, report, view),
    state: leak.severity === 'info' ? 'neutral' : 'foreign',
    expandable: true,
    drvPath: derivation.drvPath,
    ...(origin && { origin }),
  };
}

/** What a leak brings in is counted for its cause: inputs that share one are told of together. */
function weightOf(leak: AttributedLeak, noun: string, report: Report): string {
  const { leaks } = report;
  const sharing = indexOf(report).leaksOfCause(leak.cause);
  const brought = countOf(leak.bringsIn, noun);
  if (sharing === 1) return `brings in ${brought}`;
  const all = sharing === leaks.length;
  const inputs = all && sharing === 2 ? 'both inputs' : `${all ? 'all' : 'the'} ${sharing} inputs`;
  const shared = decisiveCause(leak, report) ? 'cause' : 'place';
  return `${inputs}${all ? '' : ` of this ${shared}`} together bring in ${brought}`;
}

export function originRow(key: string, { source, text, through }: Origin, view: View): ClosureNode {
  const origin = locationOf(source, view);
  const by = through === undefined ? '' : ` through ${through}`;
  return {
    ...message(key, oneLine(text), `comes in here${by} · ${placeText(source, view)}`),
    tooltip: `${code(oneLine(text, 200))} brings it in${escapeMarkdown(by)}.`,
    ...(origin && { origin }),
  };
}

export function causeRow(
  key: string,
  leak: AttributedLeak,
  { message: reason }: Reason,
  report: Report,
  view: View,
): ClosureNode {
  const { source, text } = decisiveCause(leak, report) ?? {};
  const origin = source && locationOf(source, view);
  const label = text === undefined ? 'cause' : oneLine(text);
  const place = source ? ` · ${placeText(source, view)}` : '';
  return {
    ...message(key, label, `${text === undefined ? reason : 'is the cause'}${place}`),
    tooltip: escapeMarkdown(reason),
    ...(origin && { origin }),
  };
}

export function pathRow(key: string, { path }: AttributedLeak, { graph }: Report): ClosureNode {
  const names = path.map((id) => graph.derivation(id).name);
  return {
    ...message(key, 'path from the root', countOf(path.length - 1, 'step')),
    tooltip: names.map(code).join(' → '),
    expandable: true,
  };
}

export function consumersRow(key: string, { edges }: AttributedLeak): ClosureNode {
  return {
    ...message(key, countOf(edges.length, 'consumer'), ''),
    kind: 'consumers',
    tooltip: 'The derivations that use it and cannot.',
    expandable: true,
  };
}

/** @param consumer the derivation as whose input it is shown */
export function derivationRow(
  key: string,
  id: DerivationId,
  consumer: DerivationId | undefined,
  report: Report,
  view: View,
): ClosureNode {
  const { graph } = report;
  const derivation = graph.derivation(id);
  const index = indexOf(report);
  const roles =
    consumer === undefined ? [] : (graph.inputs(consumer).find(({ input }) => input === id)?.roles ?? []);
  const source = index.leakOf(id)?.origins[0]?.source ?? index.observationsOf(id)[0]?.source;
  const origin = source && locationOf(source, view);
  return {
    key,
    kind: 'derivation',
    label: derivation.name,
    description: [...(roles.length > 0 ? [rolesText(roles)] : []), platformLines(derivation)].join(' · '),
    tooltip: renderDerivation(id, report, view),
    state: stateOf(id, consumer, report),
    expandable: graph.inputIds(id).length > 0,
    drvPath: derivation.drvPath,
    ...(origin && { origin }),
  };
}

export function gapRow(key: string, { drvPath, message: reason }: Gap): ClosureNode {
  const name = drvPath.replace(/^.*\/[a-z0-9]{32}-/, '').replace(/\.drv$/, '');
  return {
    ...message(key, name, 'could not be read: what hangs below it is unknown'),
    kind: 'gap',
    tooltip: escapeMarkdown(reason),
    state: 'unknown',
    drvPath,
  };
}

/** The first row where the newest evaluation brought no closure. */
export function outdatedRow(): ClosureNode {
  return {
    ...message('outdated', 'From before the failure', 'the newest evaluation failed'),
    tooltip: 'The newest evaluation failed. This is the closure of the one before.',
  };
}

function message(key: string, label: string, description: string): ClosureNode {
  return { key, kind: 'message', label, description, tooltip: '', state: 'neutral', expandable: false };
}

function rolesText(roles: readonly EdgeRole[]): string {
  return roles.map((role) => (role === 'reference' ? 'plain reference' : role)).join(', ');
}

function locationOf(source: SourceRange, view: View): NodeLocation | undefined {
  const range = locate(view, source);
  return range && { uri: uriIn(view, source.file), range };
}

/** `release.nix:19`, lines from one, relative to the workspace. */
function placeText(source: SourceRange, view: View): string {
  const range = locate(view, source) ?? source.range;
  const root = view.workspaceRoots.find((candidate) => source.file.startsWith(`${candidate}/`));
  const file = root === undefined ? source.file : source.file.slice(root.length + 1);
  return `${file}:${range.start.line + 1}`;
}
