import { unwrap, type Expression, type Lambda } from '../syntax/ast.ts';
import { resolveName } from '../syntax/scopes.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { importedFile, type CallerIndex, type Place } from './callers.ts';
import { attributeOf, isNamed } from './setLiterals.ts';

/** Arguments by which a package set or a configuration is told its platforms. */
export const systemArguments = ['system', 'localSystem', 'crossSystem'];

export interface CalledLambda {
  readonly source: SourceFile;
  readonly lambda: Lambda;
  /** It is a file's function that can be told a system: most likely a package set. */
  readonly takesSystem: boolean;
}

/** The function that an application calls, where it is the workspace's own. */
export function calledLambda(
  source: SourceFile,
  fn: Expression,
  callers: CallerIndex,
): CalledLambda | undefined {
  if (fn.kind === 'lambda') return { source, lambda: fn, takesSystem: false };
  if (fn.kind === 'variable') {
    const resolution = resolveName(fn.name, source.scopes.scopeOf(fn));
    if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return undefined;
    const bound = unwrap(resolution.definition.binding.value);
    return bound.kind === 'lambda'
      ? { source, lambda: bound, takesSystem: false }
      : calledLambda(source, bound, callers);
  }
  const imported = importedFile(fn, source);
  if (!imported || imported.callPackage) return undefined;
  const file = callers.resolveFile(imported.path);
  const root = file && unwrap(file.root);
  if (!file || root?.kind !== 'lambda') return undefined;
  const takesSystem = root.formals?.some((formal) => systemArguments.includes(formal.name.name)) ?? false;
  return { source: file, lambda: root, takesSystem };
}

/** Is this `import …`, or a name that is bound to it? */
export function isImport(source: SourceFile, fn: Expression): boolean {
  if (fn.kind === 'apply') return isNamed(unwrap(fn.fn), 'import');
  if (fn.kind !== 'variable') return false;
  const resolution = resolveName(fn.name, source.scopes.scopeOf(fn));
  if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return false;
  return isImport(source, unwrap(resolution.definition.binding.value));
}

/** The attribute set that an argument is, looking through a name. */
export function argumentSet(argument: Place): Place | undefined {
  const expression = unwrap(argument.expression);
  if (expression.kind === 'attribute-set') return { source: argument.source, expression };
  if (expression.kind === 'binary' && expression.operator === '//') {
    const right = argumentSet({ source: argument.source, expression: expression.right });
    if (right && systemArguments.some((name) => attributeOf(right, name))) return right;
    return argumentSet({ source: argument.source, expression: expression.left });
  }
  if (expression.kind !== 'variable') return undefined;
  const resolution = resolveName(expression.name, argument.source.scopes.scopeOf(expression));
  if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return undefined;
  return argumentSet({ source: argument.source, expression: resolution.definition.binding.value });
}
