import type { Report } from '../model/report.ts';
import { shortestPaths } from '../check/shortestPaths.ts';
import { drawPaths, type Picture } from './picture.ts';
import type { CheckResults } from './results.ts';
import { countOf } from './sentences.ts';

/** Consumers of one wrong input that are drawn besides the nearest one. */
const mostFurther = 3;

/** The crossing frontier of each closure: the root, and by which paths wrong inputs come in. Notes are not drawn. */
export function frontierPictures({ evaluations }: CheckResults): Picture[] {
  return evaluations.flatMap((evaluation) => {
    const { outcome } = evaluation;
    return outcome.kind === 'judged' ? frontierOf(outcome.report, evaluation.label) : [];
  });
}

function frontierOf({ graph, leaks, evaluatedAs }: Report, label: string): Picture {
  const drawn = leaks.filter(({ severity }) => severity !== 'info');
  const pathTo = shortestPaths(graph);
  const further = drawn.map(({ edges, path }) => edges.filter(({ consumer }) => consumer !== path.at(-2)));
  // Every leak has its place before one of them has a second path.
  const paths = [
    ...drawn.map(({ path }) => path),
    ...further.flatMap((edges) =>
      edges.slice(0, mostFurther).map(({ consumer, input }) => [...pathTo(consumer), input]),
    ),
  ];
  const name = label === '' ? graph.derivation(graph.root).name : label;
  const subject = `${name}, evaluated as ${evaluatedAs}`;
  const { picture, left: crowded } = drawPaths(graph, paths, drawn, subject);
  const left = crowded + further.reduce((sum, { length }) => sum + Math.max(0, length - mostFurther), 0);
  if (drawn.length === 0) return { ...picture, title: `${subject}: no leak` };
  return left === 0 ? picture : { ...picture, title: `${subject} (and ${countOf(left, 'more path')})` };
}
