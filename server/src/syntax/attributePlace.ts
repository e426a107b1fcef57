import { unwrap, type AttributeName, type Expression, type Span } from './ast.ts';
import type { SourceFile } from './sourceFile.ts';

/**
 * Where a file names an attribute of its value literally: the deepest name of
 * the path that it spells out; undefined where it spells out none.
 */
export function findAttribute(source: SourceFile, path: readonly string[]): Span | undefined {
  let place: Span | undefined;
  let at: Expression = resultOf(source.root);
  for (let depth = 0; depth < path.length && at.kind === 'attribute-set';) {
    const rest = path.slice(depth);
    const [best] = at.bindings
      .flatMap((binding) => (binding.kind === 'attribute' ? [binding] : []))
      .map((binding) => ({ binding, shared: sharedNames(binding.path, rest) }))
      .sort((one, other) => other.shared - one.shared);
    if (!best || best.shared === 0) break;
    place = best.binding.path[best.shared - 1];
    depth += best.shared;
    at = resultOf(best.binding.value);
  }
  return place;
}

/**
 * The attributes that a file's value spells out, except those whose text says
 * that they are no derivations: paths of names, to a depth of three.
 */
export function literalAttributes(source: SourceFile): string[][] {
  return attributesOf(resultOf(source.root), []);
}

const deepest = 3;

function attributesOf(set: Expression, prefix: readonly string[]): string[][] {
  if (set.kind !== 'attribute-set') return [];
  return set.bindings.flatMap((binding) => {
    if (binding.kind !== 'attribute') return binding.names.flatMap((name) => pathOf(prefix, [name]));
    return pathOf(prefix, binding.path).flatMap((path) => {
      const value = unwrap(binding.value);
      if (value.kind === 'attribute-set') return attributesOf(value, path);
      return neverDerivations.has(value.kind) ? [] : [path];
    });
  });
}

const neverDerivations: ReadonlySet<Expression['kind']> = new Set([
  'lambda',
  'list',
  'string',
  'path',
  'literal',
  'has-attribute',
]);

/** None where a name is computed, or the path too deep. */
function pathOf(prefix: readonly string[], names: readonly AttributeName[]): string[][] {
  const path = [...prefix, ...names.flatMap((name) => (name.kind === 'static' ? name.name : []))];
  return path.length === prefix.length + names.length && path.length <= deepest ? [path] : [];
}

/** Splits an attribute path as `nix-instantiate -A` takes it: `build."x.y".z`. */
export function parseAttributePath(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|[^."]+/g)].map(([whole, quoted]) => quoted ?? whole);
}

/** How many names a binding shares with a path; none where one of the two goes another way. */
function sharedNames(names: readonly AttributeName[], path: readonly string[]): number {
  const length = Math.min(names.length, path.length);
  for (let index = 0; index < length; index++) {
    const name = names[index];
    if (name?.kind !== 'static' || name.name !== path[index]) return 0;
  }
  return length;
}

/** The expression that a file's or function's value is, below its bindings and arguments. */
function resultOf(expression: Expression): Expression {
  const at = unwrap(expression);
  switch (at.kind) {
    case 'let':
    case 'with':
    case 'assert':
    case 'lambda':
      return resultOf(at.body);
    default:
      return at;
  }
}
