import type { PlacedExpression } from '../attribution/placedExpression.ts';
import type { SourceRange } from '../model/location.ts';
import type { Expression } from '../syntax/ast.ts';
import { expressionsAround } from '../syntax/descent.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';

/** The smallest expression that covers a range. */
export function placeAt(
  range: SourceRange,
  sources: ReadonlyMap<string, SourceFile>,
): PlacedExpression | undefined {
  const source = sources.get(range.file);
  if (!source) return undefined;
  const start = source.lines.offsetAt(range.range.start);
  const end = source.lines.offsetAt(range.range.end);
  let expression: Expression = source.root;
  for (expression of expressionsAround(source.root, { start, end }))
    // What is in parentheses, or has one part only, may cover it as well.
    if (expression.start === start && expression.end === end) break;
  return { source, expression };
}
