import { dirname, resolve } from 'node:path';
import { nixString } from '../nix/nixString.ts';
import { childrenOf, type Expression, type PathLiteral, type Span } from '../syntax/ast.ts';
import { textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { pathExpression } from '../nix/pathExpressions.ts';

/** A stretch of a text with what stands there instead. */
export interface Replacement extends Span {
  readonly text: string;
}

/**
 * A stretch of a file as it has to read elsewhere: its relative paths are
 * absolute.
 *
 * @param replacements within the stretch, apart from each other
 */
export function absoluteText(
  source: SourceFile,
  span: Span,
  replacements: readonly Replacement[] = [],
): string {
  const paths = [...relativePaths(source.root, span)]
    .filter((path) => !replacements.some((other) => other.start <= path.start && path.end <= other.end))
    .map((path) => absolutePath(source, path));
  let text = '';
  let at = span.start;
  for (const piece of [...paths, ...replacements].sort((one, other) => one.start - other.start)) {
    if (piece.start < at || piece.end > span.end) continue;
    text += source.text.slice(at, piece.start) + piece.text;
    at = piece.end;
  }
  return text + source.text.slice(at, span.end);
}

function* relativePaths(expression: Expression, span: Span): Generator<PathLiteral> {
  if (expression.end <= span.start || span.end <= expression.start) return;
  if (expression.kind === 'path' && expression.form === 'relative') yield expression;
  for (const child of childrenOf(expression)) yield* relativePaths(child, span);
}

function absolutePath(source: SourceFile, path: PathLiteral): Replacement {
  const directory = dirname(source.file);
  const text = textOf(source, path);
  const { start, end } = path;
  if (path.interpolations.length === 0) return { start, end, text: pathExpression(resolve(directory, text)) };
  return { start, end, text: `(/. + ${nixString(`${directory}/`)} + "${text}")` };
}
