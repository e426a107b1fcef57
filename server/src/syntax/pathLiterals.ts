import { dirname, resolve } from 'node:path';
import type { Expression, PathLiteral } from './ast.ts';
import { expressionsOf } from './descent.ts';
import { textOf, type SourceFile } from './sourceFile.ts';

/** The paths that a file, or an expression in it, spells out, as absolute ones. */
export function literalPaths(source: SourceFile, within: Expression = source.root): string[] {
  return pathLiterals(within).map((literal) => resolve(dirname(source.file), textOf(source, literal)));
}

function pathLiterals(within: Expression): PathLiteral[] {
  const found: PathLiteral[] = [];
  for (const expression of expressionsOf(within)) {
    if (expression.kind !== 'path' || expression.interpolations.length > 0) continue;
    if (expression.form === 'relative' || expression.form === 'absolute') found.push(expression);
  }
  return found;
}

/** The relative paths below an expression, interpolated ones too, in the order of the text. */
export function* relativePathLiterals(within: Expression): Generator<PathLiteral> {
  for (const expression of expressionsOf(within))
    if (expression.kind === 'path' && expression.form === 'relative') yield expression;
}
