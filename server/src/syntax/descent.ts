import { leadingCount } from '../model/leadingCount.ts';
import { childrenOf, unwrap, type Expression, type Span } from './ast.ts';

/** Does the one stretch lie within the other? One lies within itself. */
export function holds(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/**
 * The expressions around a stretch of a text, from the given one to the
 * innermost: each of them holds all of it. The given one comes first, even
 * where it does not. Where two touch at an empty stretch, such as a caret, the
 * one behind it is meant.
 */
export function* expressionsAround(root: Expression, span: Span): Generator<Expression> {
  for (let at: Expression | undefined = root; at; at = childAround(at, span)) yield at;
}

function childAround(expression: Expression, span: Span): Expression | undefined {
  const children = childrenOf(expression);
  // They stand in the order of the text, and a generated file may have thousands.
  if (expression.kind === 'list') {
    const child = children[leadingCount(children, ({ start }) => start <= span.start) - 1];
    return child && holds(child, span) ? child : undefined;
  }
  return children.findLast((child) => holds(child, span));
}

/** The expressions at an offset, from the given one to the innermost. */
export function expressionsAt(root: Expression, offset: number): Generator<Expression> {
  return expressionsAround(root, { start: offset, end: offset });
}

/** The expression that a file's or a function's value is, below its bindings and arguments. */
export function resultOf(expression: Expression): Expression {
  let at = unwrap(expression);
  while (at.kind === 'let' || at.kind === 'with' || at.kind === 'assert' || at.kind === 'lambda')
    at = unwrap(at.body);
  return at;
}

/** Of a call, possibly of many arguments, the function; of anything else it itself, without parentheses. */
export function calledIn(expression: Expression): Expression {
  let at = unwrap(expression);
  while (at.kind === 'apply') at = unwrap(at.fn);
  return at;
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
