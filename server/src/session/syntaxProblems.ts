import type { Node } from 'web-tree-sitter';

import type { Range } from '../model/location.ts';

export interface SyntaxProblem {
  readonly range: Range;
  readonly message: string;
}

/** More of them help nobody: they follow from the first. */
const mostProblems = 20;

/**
 * The places where a text is no Nix, as far as the grammar can tell without Nix.
 *
 * @param root of its syntax tree
 */
export function findSyntaxProblems(root: Node): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  collect(root, problems);
  return problems;
}

function collect(node: Node, problems: SyntaxProblem[]): void {
  if (!node.hasError || problems.length >= mostProblems) return;
  if (node.isMissing) {
    problems.push({ range: rangeOf(node), message: `Syntax error: \`${node.type}\` is missing here.` });
  } else if (node.isError) {
    problems.push({
      range: rangeOf(node),
      message: `Syntax error: ${quote(node.text)} was not expected here.`,
    });
  } else {
    for (const child of node.children) collect(child, problems);
  }
}

function quote(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line === '' ? 'this' : `\`${line.length > 40 ? `${line.slice(0, 40)}…` : line}\``;
}

function rangeOf({ startPosition, endPosition }: Node): Range {
  return {
    start: { line: startPosition.row, character: startPosition.column },
    end: { line: endPosition.row, character: endPosition.column },
  };
}
