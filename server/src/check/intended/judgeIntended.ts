import type { VariablesOf } from '../../derivation/buildScript.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { groupBy } from '../../model/groupBy.ts';
import type { Steps } from '../../model/slices.ts';
import type { DerivationFault } from '../../model/judgement.ts';
import { compatibilitiesOf } from '../compatibilities.ts';
import type { JudgementContext } from '../../model/judgementContext.ts';
import type { Circumstances } from '../judge.ts';
import { isWorse } from '../rules.ts';
import { findImages } from './images.ts';
import { judgeImage } from './judgeImages.ts';
import { judgeMachines } from './judgeMachines.ts';
import { judgeRoot, type Intention } from './judgeRoot.ts';

/**
 * Judges a closure by what it is for: what is all of one platform, and
 * consistent, may still be all of the wrong one. The root is judged by what was
 * asked for, images by what they say of themselves, and machines by their kind.
 * Yields now and then.
 */
export function* judgeIntended(
  graph: DerivationGraph,
  context: JudgementContext,
  intention: Intention,
  variablesOf: VariablesOf,
): Steps<Required<Pick<Circumstances, 'furtherEdges' | 'carryingEdges' | 'faults'>>> {
  const images = yield* findImages(graph, variablesOf);
  const compatibilities = compatibilitiesOf(context);
  const found: ReturnType<typeof judgeImage>[] = [];
  for (const image of images) {
    found.push(judgeImage(image, graph, variablesOf, compatibilities));
    yield;
  }
  const root = graph.derivation(graph.root);
  const imageOfRoot = images.find(({ derivation }) => derivation === graph.root);
  const faults = [
    ...found.flatMap((image) => image.faults),
    ...(yield* judgeMachines(graph, intention.request.target, variablesOf)),
    ...judgeRoot(root, imageOfRoot, intention),
  ];
  return {
    faults: worstOfEach(faults),
    furtherEdges: found.flatMap((image) => image.edges),
    carryingEdges: found.flatMap((image) => image.carrying),
  };
}

/** A derivation that is wrong for several reasons is told of once: by the worst, the first of equal ones. */
function worstOfEach(faults: readonly DerivationFault[]): DerivationFault[] {
  return [...groupBy(faults, ({ derivation }) => derivation).values()].map((own) =>
    own.reduce((one, other) => (isWorse(other.severity, one.severity) ? other : one)),
  );
}
