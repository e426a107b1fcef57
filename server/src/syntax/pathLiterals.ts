import { dirname, resolve } from 'node:path';
import { childrenOf, type Expression, type PathLiteral } from './ast.ts';
import { textOf, type SourceFile } from './sourceFile.ts';

/** The paths that a file, or an expression in it, spells out, as absolute ones. */
export function literalPaths(source: SourceFile, within: Expression = source.root): string[] {
  return pathLiterals(within).map((literal) => resolve(dirname(source.file), textOf(source, literal)));
}

function pathLiterals(expression: Expression): PathLiteral[] {
  const below = childrenOf(expression).flatMap(pathLiterals);
  const isNamed =
    expression.kind === 'path' &&
    (expression.form === 'relative' || expression.form === 'absolute') &&
    expression.interpolations.length === 0;
  return isNamed ? [expression, ...below] : below;
}

/** The relative paths below an expression, interpolated ones too, in the order of the text. */
export function* relativePathLiterals(expression: Expression): Generator<PathLiteral> {
  if (expression.kind === 'path' && expression.form === 'relative') yield expression;
  for (const child of childrenOf(expression)) yield* relativePathLiterals(child);
}
