import type { Node, Tree } from 'web-tree-sitter';

import type { Span } from './ast.ts';

/** Some neighbouring bindings of one set, as a stretch of text that begins and ends with a whole one. */
export interface BindingRun extends Span {
  /** The node of the kind `binding_set`. */
  readonly set: Node;
}

/** Longer than this (UTF-16 code units), a run is not worth being parsed on its own. */
const longestRun = 32_768;

/**
 * The shortest run that has a stretch between its first and its last binding.
 * Both are as they were parsed, and behind a `;` nothing depends on what stands
 * before it: what is between can be parsed without the rest of the file.
 *
 * @param tree told of all edits, but not parsed since
 * @param edited holds all of them
 */
export function bindingRunAround(tree: Tree, edited: Span): BindingRun | undefined {
  let found: BindingRun | undefined;
  let at: Node | null = tree.rootNode;
  while (at && at.startIndex <= edited.start && edited.end <= at.endIndex && !at.isError) {
    if (at.type === 'binding_set') found = runIn(at, edited) ?? found;
    at = childAround(at, edited);
  }
  return found;
}

function childAround(node: Node, edited: Span): Node | null {
  let child = node.firstNamedChildForIndex(edited.start);
  while (child && child.startIndex <= edited.start && child.endIndex < edited.end)
    child = child.nextNamedSibling;
  return child;
}

function runIn(set: Node, edited: Span): BindingRun | undefined {
  for (let distance = 256; distance <= longestRun; distance *= 4) {
    const from = edited.start - distance;
    let first: Node | undefined;
    let at = set.firstNamedChildForIndex(Math.max(set.startIndex, from));
    for (; at && at.startIndex < edited.end; at = at.nextNamedSibling)
      if (isIntact(at) && at.endIndex <= edited.start) first = at;
    while (at && !isIntact(at)) at = at.nextNamedSibling;
    if (!at || at.endIndex - edited.start > longestRun) return undefined;
    if (first) return { set, start: first.startIndex, end: at.endIndex };
    if (from <= set.startIndex) return undefined;
  }
  return undefined;
}

function isIntact(node: Node): boolean {
  return bindingTypes.has(node.type) && !node.hasError && !node.hasChanges;
}

const bindingTypes = new Set(['binding', 'inherit', 'inherit_from']);
