import type { PlacedExpression } from '../attribution/placedExpression.ts';
import { unwrap, type AttributeSet, type Binding, type Expression } from '../syntax/ast.ts';
import { holds } from '../syntax/descent.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import type { SourceEdit } from './fix.ts';
import { replace } from './repair.ts';
import type { NamedSystemExpression } from './systemsInScope.ts';

/**
 * The edits by which a system stands in the place of an expression, as a person
 * would write it; undefined where it cannot.
 *
 * @param system an expression in scope, or the text of one
 */
export function replaceExpression(
  place: PlacedExpression,
  system: Pick<NamedSystemExpression, 'text' | 'set'> | string,
): SourceEdit[] | undefined {
  const { source, expression } = place;
  const { text, set } = typeof system === 'string' ? { text: system, set: undefined } : system;
  const owner = bindingAround(source, expression);
  if (owner?.binding.kind === 'inherit-from') {
    const { names } = owner.binding;
    const taken = names.filter((name) => name.kind === 'static' && isSystemArgument(name.name));
    const [only] = taken;
    if (!only || taken.length > 1) return undefined;
    const binding = set === undefined ? bindingOf(text, owner.set) : `inherit (${set}) system;`;
    if (names.length === 1) return [replace(source, owner.binding, binding)];
    const start =
      only.start - (/\s*$/.exec(source.text.slice(owner.binding.start, only.start))?.[0].length ?? 0);
    const { end } = owner.binding;
    return [
      replace(source, { start, end: only.end }, ''),
      replace(source, { start: end, end }, ` ${binding}`),
    ];
  }
  if (!owner || unwrap(owner.binding.value) !== unwrap(expression) || !isSystem(owner.binding))
    return [replace(source, expression, text)];
  if (set !== undefined) return [replace(source, owner.binding, `inherit (${set}) system;`)];
  if (text === 'system') return [replace(source, owner.binding, bindingOf(text, owner.set))];
  return [replace(source, expression, text)];
}

function bindingOf(text: string, { recursive }: Pick<AttributeSet, 'recursive'>): string {
  return text === 'system' && !recursive ? 'inherit system;' : `system = ${text};`;
}

/** `system`, and what else a package set is told its platform by. */
function isSystemArgument(name: string): boolean {
  return name === 'system' || name === 'localSystem' || name === 'hostPlatform';
}

function isSystem(binding: Extract<Binding, { kind: 'attribute' }>): boolean {
  const [only] = binding.path;
  return binding.path.length === 1 && only?.kind === 'static' && only.name === 'system';
}

type ValueBinding = Exclude<Binding, { kind: 'inherit' }>;

/** The binding of a set whose value, or the set that it takes its names from, is an expression. */
function bindingAround(
  source: SourceFile,
  expression: Expression,
): { readonly binding: ValueBinding; readonly set: AttributeSet } | undefined {
  let set = source.scopes.parentOf(expression);
  while (set?.kind === 'parenthesized') set = source.scopes.parentOf(set);
  if (set?.kind !== 'attribute-set') return undefined;
  const binding = set.bindings.find(
    (one): one is ValueBinding =>
      (one.kind === 'attribute' && holds(one.value, expression)) ||
      (one.kind === 'inherit-from' && holds(one.from, expression)),
  );
  return binding && { binding, set };
}
