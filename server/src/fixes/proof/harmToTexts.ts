import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { Counterpart } from './closureChanges.ts';
import { edgeKey, runsNowhere, type ClosureComparison } from './comparison.ts';
import { unexplainedChange, type OutputPath, type WrongInput } from './explainedTexts.ts';
import type { Harm } from './harm.ts';
import { findTextChanges } from './textChanges.ts';
import { findRenamedProgram } from './twins.ts';

/**
 * What a builder is given otherwise although it was not wrong, or what would
 * start a program that is not there; undefined where there is nothing of that.
 *
 * @param addsInputs whether a repair is meant to add an input that was missing
 */
export function harmToTexts(
  pair: Counterpart,
  comparison: ClosureComparison,
  addsInputs: boolean,
): Harm | undefined {
  const { before, after, wrongBefore, faultyBefore } = comparison;
  const [was, is] = [before.scriptOf(pair.before), after.scriptOf(pair.after)];
  const name = comparison.nameBefore(pair.before);
  if (!was || !is) return { name, reason: `what the builder of ${name} is given could not be read` };
  const changes = findTextChanges(was, is, comparison.renamedHashes);
  if (changes.lines.length === 0 && changes.reshaped.length === 0) return undefined;
  const wrong = [...before.graph.inputIds(pair.before)].flatMap((input): WrongInput[] => {
    const edges = wrongBefore.get(edgeKey(pair.before, input));
    return edges || faultyBefore.has(input) ? [wrongInput(pair, input, edges ?? [], comparison)] : [];
  });
  const unexplained = unexplainedChange(changes, wrong, addsInputs);
  if (unexplained !== undefined) return { name, reason: `${name} would change, too: ${unexplained}` };
  const text = changes.lines.map(({ after: line }) => line).join('\n');
  for (const input of after.graph.inputIds(pair.after)) {
    const program = findRenamedProgram(text, { graph: after.graph, id: input });
    const inPackage = comparison.nameNow(input);
    if (program)
      return { name: inPackage, reason: `${program.written} is called ${program.called} in ${inPackage}` };
  }
  return undefined;
}

/** An input that was wrong, and its twins, by the paths of their outputs. */
function wrongInput(
  pair: Counterpart,
  input: DerivationId,
  edges: readonly CrossingEdge[],
  comparison: ClosureComparison,
): WrongInput {
  const { before, after, wrongAfter } = comparison;
  const twins = after.graph.inputIds(pair.after).filter((id) => comparison.isOfOneName(input, id));
  const same = after.graph.findByDrvPath(before.graph.derivation(input).drvPath);
  return {
    edges,
    left: same === undefined ? [] : (wrongAfter.get(edgeKey(pair.after, same)) ?? []),
    outputs: outputPaths(before.graph, input),
    twins: [...twins].flatMap((id) => outputPaths(after.graph, id)),
    isWrongAnywhere:
      edges.length === 0 ||
      edges.some(({ rule }) => rule === 'expected-platform') ||
      runsNowhere(pair.before, input, before.graph),
  };
}

function outputPaths(graph: DerivationGraph, id: DerivationId): OutputPath[] {
  const { outputs } = graph.derivation(id);
  return outputs.flatMap(({ name, path }) => (path === undefined ? [] : [{ output: name, path }]));
}
