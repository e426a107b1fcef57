import { unwrap, type Expression, type Lambda } from '../../syntax/ast.ts';
import { holds } from '../../syntax/descent.ts';
import { inheritedNameAt } from '../../syntax/inheritedNames.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';

/** Names that people give the two package sets of an overlay (nixpkgs manual, "Overlays"). */
const finals: ReadonlySet<string> = new Set(['final', 'self']);
const previous: ReadonlySet<string> = new Set(['prev', 'super']);

/**
 * The names of the package sets that an overlay around an expression is called
 * with, the likelier one first: what has the overlay's packages, too, or, for a
 * package that the overlay itself gives another meaning, what has the one before.
 *
 *     final: prev: { tool = outer.git; }   ⇒   final, prev
 *     final: prev: { git = outer.git; }    ⇒   prev, final
 *
 * @param name the package that is taken
 */
export function overlaySets(source: SourceFile, expression: Expression, name: string | undefined): string[] {
  const inherited = inheritedNameAt(source.root, expression);
  let at: Expression | undefined = inherited?.owner ?? expression;
  for (; at; at = source.scopes.parentOf(at)) {
    if (at.kind !== 'lambda' || at.formals || !at.parameter) continue;
    const outer = lambdaAround(source, at);
    if (!outer?.parameter || outer.formals) continue;
    const [final, prev] = [outer.parameter.name, at.parameter.name];
    if (!finals.has(final) && !previous.has(prev)) continue;
    const sets = overrides(at.body, expression, name) ? [prev, final] : [final, prev];
    return sets.filter((set) => !set.startsWith('_'));
  }
  return [];
}

function lambdaAround(source: SourceFile, inner: Lambda): Lambda | undefined {
  let parent = source.scopes.parentOf(inner);
  while (parent?.kind === 'parenthesized') parent = source.scopes.parentOf(parent);
  return parent?.kind === 'lambda' ? parent : undefined;
}

/** Does the overlay define a package of this name by this very expression? */
function overrides(body: Expression, expression: Expression, name: string | undefined): boolean {
  let set = unwrap(body);
  while (set.kind === 'let' || set.kind === 'with' || set.kind === 'assert') set = unwrap(set.body);
  if (set.kind !== 'attribute-set') return false;
  return set.bindings.some((binding) => {
    const names = binding.kind === 'attribute' ? binding.path.slice(0, 1) : binding.names;
    return holds(binding, expression) && names.some((one) => one.kind === 'static' && one.name === name);
  });
}
