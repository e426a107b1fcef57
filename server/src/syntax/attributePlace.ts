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
