import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { ShellParser } from '../../shell/shellParser.ts';
import type { ScriptTexts } from './derivationScripts.ts';
import type { JudgedScripts } from './judgeScripts.ts';
import { isKept } from './keptTexts.ts';
import { placeOfRole } from '../rules.ts';

/**
 * All edges that scripts of a closure break. What a derivation installs is right
 * for the build platform where another one uses it to build: a builder, a tool,
 * or a program that a script runs.
 */
export function scriptEdgesOf(
  judged: readonly JudgedScripts[],
  graph: DerivationGraph,
  texts: ScriptTexts,
  parser: ShellParser,
): CrossingEdge[] {
  const runAtBuild = new Set(judged.flatMap(({ runs }) => [...runs]));
  const isBuildTool = (id: DerivationId): boolean =>
    runAtBuild.has(id) ||
    [...graph.consumerIds(id)].some((consumer) =>
      graph
        .inputs(consumer)
        .some(({ input, roles }) => input === id && roles.some((role) => placeOfRole[role] === 'build')),
    );
  return judged.flatMap(({ buildEdges, installedEdges, startedEdges, mixedEdges }) => [
    ...buildEdges,
    ...startedEdges,
    ...installedEdges.filter(
      ({ consumer }) => !isBuildTool(consumer) && isKept(consumer, graph, texts, parser),
    ),
    // They run nowhere; one that nobody is known to start may be there for neither.
    ...mixedEdges.filter(({ consumer }) => isBuildTool(consumer) || isKept(consumer, graph, texts, parser)),
  ]);
}
