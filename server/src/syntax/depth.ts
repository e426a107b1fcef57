import type { Tree } from 'web-tree-sitter';

import type { Steps } from '../model/slices.ts';
import { textLimits } from './textLimits.ts';

/** After how many nodes the caller may give way to others. */
const nodesOfStep = 2000;

/**
 * Whether a tree's expressions are nested deeper than {@link textLimits} allows.
 * Yields now and then, so that the caller can give way to others.
 */
export function* isTooDeep(tree: Tree): Steps<boolean> {
  const cursor = tree.walk();
  try {
    let depth = 0;
    for (let seen = 1; ; seen++) {
      if (seen % nodesOfStep === 0) yield;
      if (isExpression(cursor.nodeType)) depth += 1;
      if (depth > textLimits.depth) return true;
      if (cursor.gotoFirstChild()) continue;
      for (;;) {
        if (isExpression(cursor.nodeType)) depth -= 1;
        if (cursor.gotoNextSibling()) break;
        if (!cursor.gotoParent()) return false;
      }
    }
  } finally {
    cursor.delete();
  }
}

function isExpression(type: string): boolean {
  return type.endsWith('_expression');
}
