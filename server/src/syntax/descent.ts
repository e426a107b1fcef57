import { childrenOf, type Expression, type Span } from './ast.ts';

/** Does the one stretch lie within the other? One lies within itself. */
export function holds(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/**
 * The expressions around a stretch of a text, from the given one to the
 * innermost: each of them holds all of it. The given one comes first, even
 * where it does not.
 */
export function* expressionsAround(root: Expression, span: Span): Generator<Expression> {
  for (let at: Expression | undefined = root; at; at = childAround(at, span)) yield at;
}

function childAround(expression: Expression, span: Span): Expression | undefined {
  return childrenOf(expression).find((child) => holds(child, span));
}

/** An expression and all below it, in the order of the text, outer ones before inner ones. */
export function* expressionsOf(root: Expression): Generator<Expression> {
  const open = [root];
  for (let at = open.pop(); at; at = open.pop()) {
    yield at;
    const children = childrenOf(at);
    for (let index = children.length - 1; index >= 0; index--) {
      const child = children[index];
      if (child) open.push(child);
    }
  }
}
