import type { Variables } from '../../derivation/buildScript.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { Script } from '../../shell/buildUses.ts';
import { ReachedLines, type SourcingBuilds } from '../../shell/hookProcedures.ts';
import { fileOfHook, withWords } from '../../shell/setupHookText.ts';
import type { ShellParser } from '../../shell/shellParser.ts';
import type { Compatibilities } from '../compatibilities.ts';
import { crossHost, hostOrBuild } from '../hostSystems.ts';
import type { ScriptTexts } from './derivationScripts.ts';
import { startedByName, startedByPath, writtenShells } from './hookEdges.ts';
import type { UsedHook } from './usedHooks.ts';

/** What such a hook does wrongly in the builds that source it. */
export function judgeHook(
  { hook, consumers }: UsedHook,
  graph: DerivationGraph,
  { canRun }: Compatibilities,
  texts: ScriptTexts,
  parser: ShellParser,
  isOwnInput: (consumer: DerivationId, input: DerivationId) => boolean,
): CrossingEdge[] {
  const { system } = graph.derivation(hook);
  const inputs = graph.inputIds(hook);
  const forHost = new Set(
    inputs.filter((id) => {
      const host = crossHost(graph.derivation(id));
      return host !== undefined && !canRun(host, system);
    }),
  );
  const host = consumers.map((id) => crossHost(graph.derivation(id))).find((one) => one !== undefined);
  const forBuild = new Set(
    inputs.filter((id) => host !== undefined && !canRun(hostOrBuild(graph.derivation(id)), host)),
  );
  for (const id of forHost) forBuild.delete(id);
  if (forHost.size + forBuild.size === 0) return [];
  const script = scriptOfHook(hook, texts);
  if (script === undefined) return [];
  const reached = new ReachedLines(script.text, sourcingBuilds(consumers, texts));
  const isRun = ({ line }: { readonly line: number }): boolean => reached.has(line);
  return [
    ...startedByPath(hook, forHost, { script, isRun }, graph, texts, parser),
    ...startedByName({ hook, consumers }, forHost, { script, isRun }, graph, texts, parser, isOwnInput),
    ...(host === undefined ? [] : writtenShells(hook, host, forBuild, script, graph)),
  ];
}

/** What builds have that a hook asks for: it may do nothing in any of them. */
function sourcingBuilds(consumers: readonly DerivationId[], texts: ScriptTexts): SourcingBuilds {
  const some = (holds: (variables: Variables) => boolean): boolean =>
    consumers.some((id) => {
      const variables = texts.scriptOf(id)?.variables;
      return variables !== undefined && holds(variables);
    });
  return {
    isSet: (name) => some((variables) => (variables.get(name) ?? '') !== ''),
    names: (procedure) =>
      some((variables) => [...variables.values()].some((text) => text.includes(procedure))),
  };
}

/** The text of a hook as builds source it; undefined where it cannot be read. */
function scriptOfHook(hook: DerivationId, texts: ScriptTexts): Script | undefined {
  const own = texts.scriptOf(hook);
  const text = texts.sourceText(fileOfHook(own?.variables.get('buildCommand') ?? '') ?? '');
  if (own === undefined || text === undefined) return undefined;
  const valueOf = (name: string): string | undefined =>
    own.variables.get(name) ?? (name === 'shell' ? own.builder : undefined);
  return { variable: 'setup-hook', text: withWords(text, valueOf) };
}
