import {
  unwrap,
  type AttributeName,
  type AttributeSet,
  type Binding,
  type Expression,
} from '../syntax/ast.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** The expressions that an expression's value may be, below `let`, `with`, `if` and parentheses. */
export function leaves(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'parenthesized':
      return leaves(expression.inner);
    case 'let':
    case 'with':
    case 'assert':
      return leaves(expression.body);
    case 'if':
      return [...leaves(expression.consequence), ...leaves(expression.alternative)];
    default:
      return [expression];
  }
}

/** The expression that a set's literal text gives an attribute. */
export function attributeOf(set: PlacedExpression, name: string): PlacedExpression | undefined {
  const expression = unwrap(set.expression);
  if (expression.kind !== 'attribute-set') return undefined;
  const found = findBinding(expression, name);
  if (found?.kind === 'attribute') {
    return found.path.length === 1 ? { source: set.source, expression: found.value } : undefined;
  }
  if (found?.kind === 'inherit-from') {
    const path = found.names.filter((candidate) => candidate.kind === 'static' && candidate.name === name);
    const span = path[0] ?? found;
    const selection: Expression = {
      kind: 'select',
      base: found.from,
      path,
      start: span.start,
      end: span.end,
    };
    return { source: set.source, expression: selection };
  }
  if (found?.kind !== 'inherit') return undefined;
  const inherited = found.names.find((candidate) => candidate.kind === 'static' && candidate.name === name);
  const variable = inherited && set.source.scopes.inheritedVariable(inherited);
  return variable && { source: set.source, expression: variable };
}

export function findBinding(set: AttributeSet, name: string): Binding | undefined {
  return set.bindings.find((binding) =>
    binding.kind === 'attribute'
      ? binding.path[0]?.kind === 'static' && binding.path[0].name === name
      : binding.names.some((candidate) => candidate.kind === 'static' && candidate.name === name),
  );
}

/** What is left of `path` after a binding's own further names; undefined where they part. */
export function selectNames(
  own: readonly AttributeName[],
  path: readonly string[],
): readonly string[] | undefined {
  for (const [index, name] of own.entries()) {
    if (name.kind !== 'static' || path[index] !== name.name) return undefined;
  }
  return path.slice(own.length);
}

export function staticNames(path: readonly AttributeName[]): string[] | undefined {
  const names = path.flatMap((name) => (name.kind === 'static' ? name.name : []));
  return names.length === path.length ? names : undefined;
}

export function isNamed(expression: Expression, name: string): boolean {
  if (expression.kind === 'variable') return expression.name === name;
  if (expression.kind !== 'select') return false;
  const base = unwrap(expression.base);
  const last = expression.path.at(-1);
  return (
    base.kind === 'variable' && base.name === 'builtins' && last?.kind === 'static' && last.name === name
  );
}
