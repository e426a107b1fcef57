import type { Report } from '../model/report.ts';
import { scriptPlaces } from '../check/scripts/scriptPlaces.ts';
import type {
  Certainty,
  Derivation,
  DerivationId,
  HostPlatform,
  TargetPlatform,
} from '../model/derivation.ts';
import type { System } from '../model/system.ts';
import type { View } from '../snapshot/snapshot.ts';
import { indexOf } from './reportIndex.ts';
import { renderDecidingSettings, renderBuilders } from './renderBuilders.ts';
import { code, escapeMarkdown, formatNumber, scriptLine } from './editorMessages.ts';

/** Consumers that are named; the others are counted. */
const mostConsumers = 4;
/** Lines of scripts that are shown. */
const mostScripts = 3;
/** Steps of a path that are named; those in the middle are counted. */
const mostSteps = 8;

/** All that is known of one derivation, in Markdown. */
export function renderDerivation(id: DerivationId, report: Report, view: View): string {
  const derivation = report.graph.derivation(id);
  const leak = indexOf(report).leakOf(id);
  const configuration = report.builders ?? view.buildConfiguration;
  const sign = leak && leak.severity !== 'info' ? '⚠ ' : '';
  const facts = [
    ['build platform', code(derivation.system)],
    ['host platform', renderHost(derivation.host)],
    ['target platform', renderTarget(derivation.target)],
    ['used as', renderUses(id, report)],
    ['path', renderPath(indexOf(report).pathTo(id), report)],
    ['can be built on', renderBuilders(derivation, configuration)],
    ['outputs', derivation.outputs.map(({ name }) => code(name)).join(', ')],
    ['derivation', code(derivation.drvPath)],
  ] as const;
  const list = facts.filter(([, fact]) => fact !== '').map(([name, fact]) => `- ${name}: ${fact}`);
  return [
    `${sign}**${escapeMarkdown(derivation.name)}**`,
    ...renderWrong(id, report),
    list.join('\n'),
    ...(configuration ? [renderDecidingSettings(derivation, configuration).join(' ')] : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The build platform, and the host platform where that is another one. */
export function platformLines({ system, host }: Derivation): string {
  return host.kind === 'system' && host.system !== system ? `${system} → ${host.system}` : system;
}

function renderHost(host: HostPlatform): string {
  if (host.kind === 'neutral') {
    return host.reason === 'builtin'
      ? 'none: it is data that Nix itself makes'
      : 'none: its content is fixed, and the same on every system';
  }
  return renderKnown(host);
}

/** For what it makes code; nothing where that is not known, or where it makes none. */
function renderTarget(target: TargetPlatform | undefined): string {
  return target === undefined ? '' : renderKnown(target);
}

function renderKnown({
  system,
  certainty,
}: {
  readonly system: System;
  readonly certainty: Certainty;
}): string {
  switch (certainty) {
    case 'evaluated':
      return code(system);
    case 'inferred':
      return `${code(system)} (inferred from the derivation)`;
    case 'assumed':
      return `${code(system)} (assumed: the derivation does not say)`;
  }
}

function renderUses(id: DerivationId, report: Report): string {
  const { graph } = report;
  if (id === graph.root) return 'the root of the closure';
  const index = indexOf(report);
  const all = [...graph.consumerIds(id)];
  const isCrossing = (consumer: DerivationId): boolean => index.crossing(consumer, id) !== undefined;
  const consumers = [...all.filter(isCrossing), ...all.filter((consumer) => !isCrossing(consumer))];
  const uses = consumers.slice(0, mostConsumers).map((consumer) => {
    const edge = graph.inputs(consumer).find(({ input }) => input === id);
    const sign = index.crossing(consumer, id) ? '⚠ ' : '';
    const roles = (edge?.roles ?? []).map((role) => (role === 'reference' ? 'plain reference' : code(role)));
    return `${sign}${roles.join(', ')} of ${code(graph.derivation(consumer).name)}`;
  });
  const rest = consumers.length - uses.length;
  return uses.join('; ') + (rest > 0 ? ` and ${formatNumber(rest)} more` : '');
}

function renderPath(path: readonly DerivationId[], { graph }: Report): string {
  if (path.length < 2) return '';
  const names = path.map((id) => code(graph.derivation(id).name));
  if (names.length <= mostSteps) return names.join(' → ');
  const half = mostSteps / 2;
  const hidden = names.length - mostSteps;
  return [...names.slice(0, half), `… ${hidden} more …`, ...names.slice(-half)].join(' → ');
}

function renderWrong(id: DerivationId, report: Report): string[] {
  const index = indexOf(report);
  const leak = index.leakOf(id);
  const suppressed = index.suppressedOf(id);
  const scripts = scriptPlaces(leak?.edges ?? [])
    .slice(0, mostScripts)
    .map(({ variable, line, text, of }) => {
      const whose = of === undefined ? '' : ` of ${code(report.graph.derivation(of).name)}`;
      return `\n\nLine ${line} of ${code(variable)}${whose}: ${code(scriptLine(text))}`;
    });
  const cause = leak?.reason ? `\n\nCause: ${escapeMarkdown(leak.reason.message)}` : '';
  return [
    ...(leak ? [`${escapeMarkdown(leak.explanation)}.${scripts.join('')}${cause}`] : []),
    ...(suppressed?.suppressions ?? []).map(
      ({ rules, reason }) => `Allowed (${rules.map(code).join(', ')}): ${escapeMarkdown(reason)}`,
    ),
  ];
}
