import type { Span } from '../syntax/ast.ts';
import { resolveName, type Scope } from '../syntax/scopes.ts';

/**
 * Where a name gets its value: the value of its binding, its formal, the name
 * in an `inherit`, or a function's parameter. Undefined for a name of a `with`,
 * since only an evaluation can tell which.
 */
export function bindingSpan(name: string, scope: Scope): Span | undefined {
  const resolution = resolveName(name, scope);
  if (resolution.kind !== 'lexical') return undefined;
  const { definition } = resolution;
  switch (definition.kind) {
    case 'binding':
      return spanOf(definition.binding.value);
    case 'inherit':
    case 'inherit-from': {
      const inherited = definition.binding.names.find((at) => at.kind === 'static' && at.name === name);
      return spanOf(inherited ?? definition.binding);
    }
    case 'formal':
      return spanOf(definition.formal);
    case 'parameter':
      return spanOf(definition.lambda.parameter ?? definition.lambda);
  }
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}
