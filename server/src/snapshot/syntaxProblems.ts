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
  // The next one comes last: trees may be too deep for a function that calls itself.
  const waiting = [root];
  for (let node = waiting.pop(); node && problems.length < mostProblems; node = waiting.pop()) {
    if (!node.hasError) continue;
    const message = node.isMissing
      ? `\`${node.type}\` is missing here.`
      : node.isError
        ? `${quote(node.text)} was not expected here.`
        : undefined;
    if (message !== undefined) problems.push({ range: rangeOf(node), message: `Syntax error: ${message}` });
    // One by one: a call takes some ten thousand arguments at most.
    else for (const child of node.children.toReversed()) waiting.push(child);
  }
  return problems;
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
