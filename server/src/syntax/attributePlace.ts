import { unwrap, type AttributeName, type Expression, type Span } from './ast.ts';
import { calledIn, resultOf } from './descent.ts';
import type { SourceFile } from './sourceFile.ts';

/**
 * Where a file names an attribute of its value literally: the deepest name of
 * the path that it spells out; undefined where it spells out none. The empty
 * path is the value itself: the expression that the file results in, of a call
 * the function that is called.
 */
export function findAttribute(source: SourceFile, path: readonly string[]): Span | undefined {
  const result = resultOf(source.root);
  return path.length === 0 ? calledIn(result) : deepestName(result, path, path.length).place;
}

interface Found {
  /** The last name that was found. */
  readonly place: Span | undefined;
  /** How many names that are. */
  readonly depth: number;
}

const nothing: Found = { place: undefined, depth: 0 };

/** @param calls how many calls' arguments may still be looked into */
function deepestName(expression: Expression, path: readonly string[], calls: number): Found {
  const at = resultOf(expression);
  if (path.length === 0) return nothing;
  switch (at.kind) {
    case 'attribute-set':
      return at.bindings.reduce<Found>((best, binding) => {
        if (binding.kind !== 'attribute') return best;
        const shared = sharedNames(binding.path, path);
        if (shared === 0) return best;
        const below = deepestName(binding.value, path.slice(shared), calls);
        const found = { place: below.place ?? binding.path[shared - 1], depth: shared + below.depth };
        return found.depth > best.depth ? found : best;
      }, nothing);
    case 'binary': {
      if (at.operator !== '//') return nothing;
      const [left, right] = [deepestName(at.left, path, calls), deepestName(at.right, path, calls)];
      // What is on the right wins.
      return left.depth > right.depth ? left : right;
    }
    case 'apply': {
      // `eachSystem (system: { … })`: the function puts the system's name into the path.
      const withoutSystem = path.filter((name) => !systemName.test(name));
      if (calls === 0 || withoutSystem.length === path.length) return nothing;
      const inArgument = unwrap(at.argument);
      return inArgument.kind === 'lambda' ? deepestName(inArgument, withoutSystem, calls - 1) : nothing;
    }
    default:
      return nothing;
  }
}

const systemName = /^[a-z0-9_]+-(linux|darwin|[a-z]+bsd)$/;

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

/** How many names a binding shares with a path; none where one of the two goes another way. `${…}` may be any. */
function sharedNames(names: readonly AttributeName[], path: readonly string[]): number {
  const length = Math.min(names.length, path.length);
  for (let index = 0; index < length; index++) {
    const name = names[index];
    if (name?.kind === 'static' ? name.name !== path[index] : index === 0) return 0;
  }
  return length;
}
