import type { Variables } from '../../derivation/buildScript.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { Counterpart } from './closureChanges.ts';
import { edgeKey, runsNowhere, type ClosureComparison } from './comparison.ts';
import { isList, unexplainedChange, type OutputPath, type WrongInput } from './explainedTexts.ts';
import type { Harm } from './foundHarm.ts';
import { findTextChanges, type TextChanges } from './textChanges.ts';
import { findLostProgram, findRenamedProgram, type RenamedProgram } from './renamedPrograms.ts';

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
  return harmByNames(pair, changes, is.variables, comparison);
}

/** A program that would be started by a name which only the package before had for it. */
function harmByNames(
  pair: Counterpart,
  { lines, reshaped }: TextChanges,
  variables: Variables,
  comparison: ClosureComparison,
): Harm | undefined {
  const { before, after, wrongBefore } = comparison;
  const text = lines.map(({ after: line }) => line).join('\n');
  const inputs = [...after.graph.inputIds(pair.after)];
  const derivations = inputs.map((id) => after.graph.derivation(id));
  const wrong = [...before.graph.inputIds(pair.before)].filter((id) =>
    wrongBefore.has(edgeKey(pair.before, id)),
  );
  const told = (inPackage: string, { written, called }: RenamedProgram): Harm => ({
    name: inPackage,
    reason: `${written} is called ${called} in ${inPackage}`,
  });
  for (const id of inputs) {
    const former = wrong.filter((old) => comparison.isOfOneName(old, id));
    const twin = after.graph.derivation(id);
    const program = findRenamedProgram(
      text,
      twin,
      former.map((old) => before.graph.derivation(old)),
    );
    if (program) return told(twin.name, program);
  }
  // What is started by its plain name comes from a list of inputs.
  if (![...lines, ...reshaped].some(({ variable }) => isList(variable))) return undefined;
  for (const old of wrong) {
    const twins = inputs
      .filter((id) => comparison.isOfOneName(old, id) && comparison.formerOf(id).includes(old))
      .map((id) => after.graph.derivation(id));
    const former = before.graph.derivation(old);
    const program = findLostProgram(variables, { former, twins, inputs: derivations });
    if (program) return told(twins[0]?.name ?? former.name, program);
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
