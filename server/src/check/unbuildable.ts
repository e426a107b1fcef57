import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { BuildConfiguration } from '../model/buildConfiguration.ts';
import type { Derivation, DerivationId } from '../model/derivation.ts';
import { groupBy } from '../model/groupBy.ts';
import type { DerivationFault, Severity } from '../model/judgement.ts';
import { perStep, type Steps } from '../model/slices.ts';
import { findBuilders, kindsOfBuilders, lackingFeatures, maySubstitute } from './builders.ts';
import type { ForeignTest } from './foreign.ts';
import { severities } from './rules.ts';

/** Derivations that nobody here can build, and what has to be known of the store to tell whether anybody has to. */
export interface Unbuildable {
  readonly derivations: readonly DerivationId[];
  /** They, and whatever needs them: where the outputs of one are in the store, nothing below it is needed. */
  readonly above: ReadonlySet<DerivationId>;
  /** Output paths of all these. */
  readonly outputPaths: readonly string[];
}

/**
 * Finds the derivations that nobody here can build, whether or not they have
 * to be built. Foreign ones are left out: the leak that brings them in tells
 * of them.
 */
export function* findUnbuildable(
  graph: DerivationGraph,
  configuration: BuildConfiguration,
  isForeign: ForeignTest,
): Steps<Unbuildable> {
  const kindOf = kindsOfBuilders(configuration);
  const derivations: DerivationId[] = [];
  for (let id = 0; id < graph.size; id++) {
    if (id % perStep === 0) yield;
    const kind = kindOf(graph.derivation(id));
    if ((kind === 'none' || kind === 'substituted') && !isForeign(id)) derivations.push(id);
  }
  const above = new Set(derivations);
  const outputPaths: string[] = [];
  let walked = 0;
  // The set grows while it is walked.
  for (const id of above) {
    if (++walked % perStep === 0) yield;
    for (const consumer of graph.consumerIds(id)) above.add(consumer);
    for (const { path } of graph.derivation(id).outputs) if (path !== undefined) outputPaths.push(path);
  }
  return { derivations, above, outputPaths };
}

/**
 * One fault for each system and set of lacking features, of the derivation
 * nearest to the root.
 *
 * A warning needs certainty: a chain of derivations that have to be built
 * leads from the root to one that nobody can build and that no substituter is
 * asked for. Fixed-output ones are a note at most: the same content may come
 * from another system's derivation.
 *
 * Yields now and then.
 *
 * @param inStore those of the output paths that the store has
 */
export function* judgeUnbuildable(
  graph: DerivationGraph,
  { derivations, above }: Unbuildable,
  configuration: BuildConfiguration,
  inStore: ReadonlySet<string>,
): Steps<DerivationFault[]> {
  const { certain, possible } = yield* needed(graph, above, configuration, inStore);
  const concerned = new Set(derivations.filter((id) => certain.has(id) || possible.has(id)));
  if (concerned.size === 0) return [];
  const severityOf = (id: DerivationId): Severity => {
    const derivation = graph.derivation(id);
    const isSure =
      certain.has(id) &&
      !derivation.fixedOutput &&
      !maySubstitute(derivation, configuration) &&
      configuration.unreadableMachines.length === 0;
    return isSure ? 'warning' : 'info';
  };
  const nearest = yield* nearestFirst(graph);
  const groups = groupBy(
    nearest.filter((id) => concerned.has(id)),
    (id) => {
      const derivation = graph.derivation(id);
      return [derivation.system, ...lackingFeatures(derivation, configuration)].join(' ');
    },
  );
  return [...groups.values()].map((ids): DerivationFault => {
    const [first] = ids;
    const worst = severities.find((severity) => ids.some((id) => severityOf(id) === severity)) ?? 'info';
    const shown = ids.find((id) => severityOf(id) === worst) ?? first;
    const derivation = graph.derivation(shown);
    return {
      derivation: shown,
      rule: 'no-builder',
      severity: worst,
      needs: [configuration.system],
      runsOn: derivation.system,
      explanation: explain(derivation, ids.length - 1, configuration),
    };
  });
}

/** Which derivations have to be realised: for certain, or where no substituter has what needs them. */
function* needed(
  graph: DerivationGraph,
  above: ReadonlySet<DerivationId>,
  configuration: BuildConfiguration,
  inStore: ReadonlySet<string>,
): Steps<{ readonly certain: ReadonlySet<DerivationId>; readonly possible: ReadonlySet<DerivationId> }> {
  const hasOutputs = (id: DerivationId, names: readonly string[]): boolean => {
    const { outputs } = graph.derivation(id);
    return names.every((name) => {
      const path = outputs.find((output) => output.name === name)?.path;
      return path !== undefined && inStore.has(path);
    });
  };
  const certain = new Set<DerivationId>();
  const possible = new Set<DerivationId>();
  if (above.has(graph.root) && !hasOutputs(graph.root, defaultOutputs(graph.derivation(graph.root))))
    certain.add(graph.root);
  const follow = (id: DerivationId, reached: Set<DerivationId>): void => {
    for (const { input, outputs } of graph.inputs(id))
      if (above.has(input) && !certain.has(input) && !hasOutputs(input, outputs)) reached.add(input);
  };
  let walked = 0;
  // Both sets grow while they are walked.
  for (const id of certain) {
    if (++walked % perStep === 0) yield;
    follow(id, maySubstitute(graph.derivation(id), configuration) ? possible : certain);
  }
  for (const id of possible) {
    if (++walked % perStep === 0) yield;
    if (!certain.has(id)) follow(id, possible);
  }
  return { certain, possible };
}

/** What is realised where a derivation is asked for by an attribute: `out`, else its first output. */
function defaultOutputs({ outputs }: Derivation): readonly string[] {
  const names = outputs.map(({ name }) => name);
  return names.includes('out') ? ['out'] : names.slice(0, 1);
}

function* nearestFirst(graph: DerivationGraph): Steps<DerivationId[]> {
  const reached = new Set([graph.root]);
  let walked = 0;
  for (const id of reached) {
    if (++walked % perStep === 0) yield;
    for (const input of graph.inputIds(id)) reached.add(input);
  }
  return [...reached];
}

function explain(derivation: Derivation, others: number, configuration: BuildConfiguration): string {
  const { kind, reason } = findBuilders(derivation, configuration);
  const counted = others === 1 ? '1 other derivation' : `${others.toLocaleString('en-US')} other derivations`;
  const who = others === 0 ? derivation.name : `${derivation.name} and ${counted}`;
  const [only] = configuration.unreadableMachines;
  const unless =
    only === undefined ? '' : `, unless a machine of ${only} can, which may not be read from here`;
  const words = onOneLine(reason);
  if (kind === 'substituted') {
    const have = others === 0 ? 'has' : 'have';
    return `${who} ${have} to be substituted, for nobody here can build ${others === 0 ? 'it' : 'them'}${unless}: ${words}`;
  }
  return `${who} can be built by nobody here${unless}: ${words}`;
}

/** What Nix prints in lines, in one. */
export function onOneLine(words: string): string {
  return words.split('\n').join('; ').replaceAll('.; ', '. ').replace(/\.$/, '');
}
