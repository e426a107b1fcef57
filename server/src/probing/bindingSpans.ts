import { unwrap, type Span } from '../syntax/ast.ts';
import { resolveName, type Definition, type Scope } from '../syntax/scopes.ts';

/**
 * The places of a file through which a name gets its value, the nearest first:
 * the value of its binding, its formal, the name in an `inherit`, or a
 * function's parameter. Where that value is but another name, its places
 * follow. Nothing for a name of a `with`, since only an evaluation can tell
 * which gives it.
 */
export function bindingSpans(name: string, scope: Scope): Span[] {
  const found = new Map<Definition, Span>();
  for (let at: Name | undefined = { name, scope }; at;) {
    const resolution = resolveName(at.name, at.scope);
    // A name that is bound to itself has no value; Nix says so.
    if (resolution.kind !== 'lexical' || found.has(resolution.definition)) break;
    const { definition } = resolution;
    found.set(definition, spanOf(definition));
    at = nextName(definition, at.name);
  }
  return [...found.values()];
}

interface Name {
  readonly name: string;
  readonly scope: Scope;
}

function spanOf(definition: Definition): Span {
  const { start, end } = spanned(definition);
  return { start, end };
}

function spanned(definition: Definition): Span {
  switch (definition.kind) {
    case 'binding':
      return definition.binding.value;
    case 'inherit':
    case 'inherit-from':
      return definition.name;
    case 'formal':
      return definition.formal;
    case 'parameter':
      return definition.lambda.parameter ?? definition.lambda;
  }
}

/** The name that a definition only passes on. */
function nextName(definition: Definition, name: string): Name | undefined {
  if (definition.kind === 'inherit') return { name, scope: definition.scope };
  if (definition.kind !== 'binding') return undefined;
  const value = unwrap(definition.binding.value);
  return value.kind === 'variable' ? { name: value.name, scope: definition.scope } : undefined;
}
