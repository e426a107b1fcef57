import type { PlacedExpression } from '../attribution/placedExpression.ts';
import type { SourceRange } from '../model/location.ts';
import type { Expression } from '../syntax/ast.ts';
import { expressionsAround } from '../syntax/descent.ts';
import { expressionAt, type SourceFile } from '../syntax/sourceFile.ts';

/** The smallest expression that covers a range; a name in an `inherit` is what it stands for. */
export function placeAt(
  range: SourceRange,
  sources: ReadonlyMap<string, SourceFile>,
): PlacedExpression | undefined {
  const source = sources.get(range.file);
  if (!source) return undefined;
  const start = source.lines.offsetAt(range.range.start);
  const end = source.lines.offsetAt(range.range.end);
  const exact = expressionAt(source, { start, end });
  if (exact) return { source, expression: exact };
  let expression: Expression = source.root;
  for (expression of expressionsAround(source.root, { start, end }));
  return { source, expression };
}
