import { unwrap, type Expression } from '../syntax/ast.ts';
import { resolveName } from '../syntax/scopes.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import type { Entered } from './functionValues.ts';
import { isNamed } from './setLiterals.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** Arguments by which a package set or a configuration is told its platforms. */
export const systemArguments = ['system', 'localSystem', 'crossSystem'];

/** Is this `import …`, or a name that is bound to it? */
export function isImport(source: SourceFile, fn: Expression): boolean {
  if (fn.kind === 'apply') return isNamed(unwrap(fn.fn), 'import');
  if (fn.kind !== 'variable') return false;
  const resolution = resolveName(fn.name, source.scopes.scopeOf(fn));
  if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return false;
  return isImport(source, unwrap(resolution.definition.binding.value));
}

/** The literal sets that an argument is made of, the one that wins first. */
export interface ArgumentSets {
  readonly sets: readonly PlacedExpression[];
  /** False where a part could not be resolved: then an attribute that is not found may be there all the same. */
  readonly complete: boolean;
}

/** Looks through names, `//`, `removeAttrs` and the arguments of functions that were entered. */
export function argumentSets(argument: PlacedExpression, entered: Entered): ArgumentSets {
  const { source } = argument;
  const expression = unwrap(argument.expression);
  const inner = (next: Expression): ArgumentSets => argumentSets({ source, expression: next }, entered);
  switch (expression.kind) {
    case 'attribute-set':
      return { sets: [{ source, expression }], complete: true };
    case 'binary': {
      if (expression.operator !== '//') break;
      const [right, left] = [inner(expression.right), inner(expression.left)];
      return { sets: [...right.sets, ...left.sets], complete: right.complete && left.complete };
    }
    case 'apply': {
      const fn = unwrap(expression.fn);
      if (fn.kind === 'apply' && isNamed(unwrap(fn.fn), 'removeAttrs')) return inner(fn.argument);
      break;
    }
    case 'variable': {
      const resolution = resolveName(expression.name, source.scopes.scopeOf(expression));
      if (resolution.kind !== 'lexical') break;
      const { definition } = resolution;
      if (definition.kind === 'binding' && definition.binding.path.length === 1)
        return inner(definition.binding.value);
      const given = definition.kind === 'parameter' ? entered.given.get(definition.lambda) : undefined;
      return given ? argumentSets(given, given.entered) : nothing;
    }
    default:
  }
  return nothing;
}

const nothing: ArgumentSets = { sets: [], complete: false };
