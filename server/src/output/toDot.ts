import { frontierPictures } from './frontier.ts';
import type { Picture, PictureNode } from './picture.ts';
import type { CheckResults } from './results.ts';
import { dotLabel, printedPage } from './shown.ts';

/*
 * DOT is written by hand, on purpose: two kinds of statements are all of it that
 * is used, and the only foreign text in them are labels, which `shown.ts`
 * escapes as for every other format. A library would bring a model of the whole
 * language and escape by rules of its own. That the text is DOT is shown by the
 * tests, where Graphviz itself reads it.
 */

/** The crossing frontier in the language of Graphviz. */
export function resultsDot(results: CheckResults): string {
  return picturesDot(frontierPictures(results));
}

/** One graph, with a box for each picture where there are several; empty where there is none. */
export function picturesDot(pictures: readonly Picture[]): string {
  if (pictures.length === 0) return '';
  const isOne = pictures.length === 1;
  const bodies = pictures.map((picture, index) => {
    const lines = [`label=${dotLabel([picture.title])};`, ...statementsOf(picture, `p${index}`)];
    return isOne ? lines : [`subgraph cluster_${index} {`, ...lines.map((line) => `  ${line}`), '}'];
  });
  return printedPage(
    [
      'digraph closure {',
      '  rankdir=LR; labelloc=t; fontname="Helvetica"; color="#8c959f";',
      '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", color="#57606a", fontname="Helvetica"];',
      '  edge [color="#57606a", fontname="Helvetica", fontsize=10];',
      ...bodies.flat().map((line) => `  ${line}`),
      '}',
      '',
    ].join('\n'),
  );
}

const styles: Readonly<Record<PictureNode['kind'], string>> = {
  root: ', penwidth=2',
  plain: '',
  wrong: ', fillcolor="#ffebe9", color="#cf222e", penwidth=2',
  skipped: ', shape=plaintext, style="", fontcolor="#57606a"',
};

function statementsOf({ nodes, edges }: Picture, prefix: string): string[] {
  return [
    ...nodes.map(({ id, lines, kind }) => `${prefix}${id} [label=${dotLabel(lines)}${styles[kind]}];`),
    ...edges.map(({ from, to, lines, crosses }) => {
      const red = crosses ? ', color="#cf222e", fontcolor="#cf222e", penwidth=2' : '';
      return `${prefix}${from} -> ${prefix}${to} [label=${dotLabel(lines)}${red}];`;
    }),
  ];
}
