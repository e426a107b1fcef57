import { unwrap, type Expression, type Variable } from '../../syntax/ast.ts';
import { expressionsOf } from '../../syntax/descent.ts';
import { resolveVariable, type Definition } from '../../syntax/scopes.ts';
import { expressionAt, type SourceFile } from '../../syntax/sourceFile.ts';
import type { LeakPlace } from '../repair.ts';
import { isSameDefinition } from './packageSets.ts';

/**
 * The places with those of names that a `let` gives their values replaced by
 * that, where the file has no other use of such a name: it is better to edit
 * there than to leave a binding that nothing uses. Undefined where there is no
 * such name.
 */
export function atDefinitions(places: readonly LeakPlace[]): LeakPlace[] | undefined {
  const moved = new Map<Expression, LeakPlace>();
  for (const place of places) {
    const { source, expression } = place;
    const name = nameIn(expression);
    const definition = name && definitionOf(name, source);
    const value = definition && valueOf(definition, source);
    if (!value || places.some((other) => other.expression === value)) continue;
    const own = places.flatMap((other) => (other.source === source ? (nameIn(other.expression) ?? []) : []));
    const starts = new Set(own.map(({ start }) => start));
    const uses = usesOf(definition, name.name, source);
    if (uses.every(({ start }) => starts.has(start))) moved.set(expression, { ...place, expression: value });
  }
  if (moved.size === 0) return undefined;
  const all = places.map((place) => moved.get(place.expression) ?? place);
  return [...new Map(all.map((place) => [`${place.source.file} ${place.expression.start}`, place])).values()];
}

/** The name that is a package itself: `jq` of `jq` and of `jq.bin`. */
function nameIn(expression: Expression): Variable | undefined {
  const used = unwrap(expression);
  const at = used.kind === 'select' ? unwrap(used.base) : used;
  return at.kind === 'variable' ? at : undefined;
}

function definitionOf(name: Variable, source: SourceFile): Definition | undefined {
  const resolution = resolveVariable(name, source.scopes);
  return resolution.kind === 'lexical' ? resolution.definition : undefined;
}

function valueOf(definition: Definition, source: SourceFile): Expression | undefined {
  if (definition.kind === 'inherit-from') return expressionAt(source, definition.name);
  if (definition.kind !== 'binding' || definition.binding.path.length !== 1) return undefined;
  const value = unwrap(definition.binding.value);
  return value.kind === 'select' ? value : undefined;
}

/** All uses of a definition's name. */
function usesOf(definition: Definition, name: string, source: SourceFile): Variable[] {
  const found: Variable[] = [];
  const add = (one: Variable): void => {
    const other = definitionOf(one, source);
    if (other && isSameDefinition(other, definition)) found.push(one);
  };
  for (const one of expressionsOf(source.root)) {
    if (one.kind === 'variable' && one.name === name) add(one);
    if (one.kind !== 'attribute-set' && one.kind !== 'let') continue;
    for (const binding of one.bindings) {
      if (binding.kind !== 'inherit') continue;
      for (const inherited of binding.names) {
        const variable = source.scopes.inheritedVariable(inherited);
        if (variable?.name === name) add(variable);
      }
    }
  }
  return found;
}
