import type { Expression } from '../syntax/ast.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';

/** An expression together with the file that it stands in. */
export interface PlacedExpression {
  readonly source: SourceFile;
  readonly expression: Expression;
}
