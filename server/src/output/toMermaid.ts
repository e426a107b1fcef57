import { frontierPictures } from './frontier.ts';
import type { Picture, PictureNode } from './picture.ts';
import type { CheckResults } from './results.ts';
import { mermaidLabel } from './shown.ts';

/** The crossing frontier as a Mermaid flowchart, which code hosts draw. */
export function resultsMermaid(results: CheckResults): string {
  return picturesMermaid(frontierPictures(results));
}

/** One flowchart, with a box for each picture; empty where there is none. */
export function picturesMermaid(pictures: readonly Picture[]): string {
  if (pictures.length === 0) return '';
  const edges = pictures.flatMap((picture) => picture.edges);
  const crossing = edges.flatMap(({ crosses }, index) => (crosses ? index : []));
  return [
    'flowchart LR',
    ...pictures.flatMap((picture, index) => [
      `  subgraph p${index}[${mermaidLabel([picture.title])}]`,
      ...picture.nodes.map((node) => `    ${nodeText(node, `p${index}`)}`),
      '  end',
    ]),
    // Styles of edges go by their number, so all edges stand here, in order.
    ...pictures.flatMap((picture, index) =>
      picture.edges.map(({ from, to, lines }) => {
        const label = lines.length > 0 ? `|${mermaidLabel(lines)}|` : '';
        return `  p${index}${from} -->${label} p${index}${to}`;
      }),
    ),
    '  classDef wrong fill:#ffebe9,stroke:#cf222e,stroke-width:2px,color:#24292f',
    '  classDef root stroke-width:2px',
    '  classDef skipped fill:none,stroke:none',
    ...(crossing.length > 0 ? [`  linkStyle ${crossing.join(',')} stroke:#cf222e,stroke-width:2px`] : []),
    '',
  ].join('\n');
}

function nodeText({ id, lines, kind }: PictureNode, prefix: string): string {
  return `${prefix}${id}[${mermaidLabel(lines)}]${kind === 'plain' ? '' : `:::${kind}`}`;
}
