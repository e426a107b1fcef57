import { compatibilitiesOf } from '../check/compatibilities.ts';
import type { JudgementContext } from '../model/judgementContext.ts';
import { scriptsOf } from '../check/scripts/derivationScripts.ts';
import { judgeScripts, type JudgedScripts } from '../check/scripts/judgeScripts.ts';
import {
  findMisplacedTools,
  judgeMisplacedTool,
  type MisplacedTool,
} from '../check/scripts/misplacedTools.ts';
import { isHanded } from '../check/scripts/handedPrograms.ts';
import { unpackedSource } from '../check/scripts/unpackedSources.ts';
import { startedInSource } from '../check/scripts/startedInSource.ts';
import { hasNatively } from '../check/scripts/programs.ts';
import { judgeHook } from '../check/scripts/setupHooks.ts';
import { findUsedHooks } from '../check/scripts/usedHooks.ts';
import { scriptEdgesOf } from '../check/scripts/scriptEdgesOf.ts';
import { findScriptCandidates } from '../check/scripts/scriptCandidates.ts';
import type { BuildScript } from '../derivation/buildScript.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import { groupBy } from '../model/groupBy.ts';
import { inSlices, Slice } from '../model/slices.ts';
import type { CrossingEdge } from '../model/judgement.ts';
import type { ShellParser } from '../shell/shellParser.ts';
import { findMadeFiles } from '../shell/madeFiles.ts';
import { findStartedNames } from '../shell/startedNames.ts';
import type { IsOwnInput } from './ownInputs.ts';
import type { StoreTexts } from './storeTexts.ts';

/**
 * Reads the scripts of a closure's cross-compiled derivations and finds the
 * edges that they break. The parser is loaded only where there is a script to read.
 *
 * @param isWanted of which derivations the scripts are read; left out: of all that matter
 * @param isOwnInput which inputs stand in the person's own files; left out: none
 * @throws the signal's reason when it is aborted
 */
export async function findScriptEdges(
  graph: DerivationGraph,
  context: JudgementContext,
  texts: StoreTexts,
  loadParser: () => Promise<ShellParser>,
  signal: AbortSignal,
  isWanted: (id: DerivationId) => boolean = () => true,
  isOwnInput: IsOwnInput = () => false,
): Promise<CrossingEdge[]> {
  const found = await inSlices(findScriptCandidates(graph, context), signal);
  const candidates = found.filter(({ consumer }) => isWanted(consumer));
  const tools = await inSlices(findMisplacedTools(graph, compatibilitiesOf(context), texts), signal);
  const misplaced = groupBy(
    tools.filter(({ consumer }) => isWanted(consumer.id)),
    ({ consumer }) => consumer.id,
  );
  const used = await inSlices(findUsedHooks(graph, compatibilitiesOf(context)), signal);
  const hooks = used.filter(({ hook, consumers }) => [hook, ...consumers].some((id) => isWanted(id)));
  if (candidates.length + misplaced.size + hooks.length === 0) return [];
  const parser = await loadParser();
  const judged: JudgedScripts[] = [];
  const misplacedEdges: CrossingEdge[] = [];
  const slice = new Slice(signal);
  for (const candidate of candidates) {
    const scripts = judgeScripts(candidate, graph, texts, parser);
    if (scripts) judged.push(scripts);
    await slice.giveWayIfOver();
  }
  for (const [consumer, ofConsumer] of misplaced) {
    const script = texts.scriptOf(consumer);
    if (script) misplacedEdges.push(...judgeTools(ofConsumer, script, graph, texts, parser, isOwnInput));
    await slice.giveWayIfOver();
  }
  const hookEdges: CrossingEdge[] = [];
  for (const hook of hooks) {
    hookEdges.push(...judgeHook(hook, graph, compatibilitiesOf(context), texts, parser, isOwnInput));
    await slice.giveWayIfOver();
  }
  return [...scriptEdgesOf(judged, graph, texts, parser), ...misplacedEdges, ...hookEdges];
}

function judgeTools(
  tools: readonly MisplacedTool[],
  script: BuildScript,
  graph: DerivationGraph,
  texts: StoreTexts,
  parser: ShellParser,
  isOwnInput: IsOwnInput,
): CrossingEdge[] {
  const names = new Set(tools.flatMap(({ programs }) => [...programs]));
  const scripts = scriptsOf(script, texts.sourceText);
  const found = findStartedNames(scripts, names, parser);
  // What another input has for the build platform, the build finds there.
  const starts = new Map(
    [...found].filter(
      ([name]) => !tools.some(({ consumer }) => hasNatively(name, consumer.id, graph, texts)),
    ),
  );
  return tools.flatMap(
    (tool) =>
      judgeMisplacedTool(tool, graph.derivation(tool.edge.input), {
        variables: script.variables,
        starts,
        inSource: startedInSource(tool, script, graph, texts),
        isOwn: tool.consumer.id === graph.root || isOwnInput(tool.consumer.id, tool.edge.input),
        products: tool.tool.products === undefined ? [] : findMadeFiles(scripts, tool.tool.products, parser),
        isHanded: isHanded(
          { tool: tool.edge.input, consumer: tool.consumer.id },
          tool.programs,
          graph,
          texts,
        ),
        unpacks: unpackedSource(tool.edge.input, script.variables, texts),
      }) ?? [],
  );
}
