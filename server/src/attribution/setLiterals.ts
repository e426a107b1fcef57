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

/** The first binding of a name in a set's literal text; of `a.b = …` that of `a`. */
export function findBinding(set: AttributeSet, name: string): Binding | undefined {
  return bindingsByName(set).get(name);
}

/** The names that a set's literal text binds; none where the expression is no such set. */
export function boundNames(expression: Expression): Iterable<string> {
  const set = unwrap(expression);
  return set.kind === 'attribute-set' ? bindingsByName(set).keys() : [];
}

/** Sets are asked for one name after the other: each is read once. */
const known = new WeakMap<AttributeSet, ReadonlyMap<string, Binding>>();

function bindingsByName(set: AttributeSet): ReadonlyMap<string, Binding> {
  const before = known.get(set);
  if (before) return before;
  const bindings = new Map<string, Binding>();
  for (const binding of set.bindings) {
    const names = binding.kind === 'attribute' ? binding.path.slice(0, 1) : binding.names;
    for (const name of names)
      if (name.kind === 'static' && !bindings.has(name.name)) bindings.set(name.name, binding);
  }
  known.set(set, bindings);
  return bindings;
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
