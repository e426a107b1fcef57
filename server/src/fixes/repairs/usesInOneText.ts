import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import { childrenOf, unwrap, type Expression, type Variable } from '../../syntax/ast.ts';
import { expressionsAround, expressionsOf } from '../../syntax/descent.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import { meansTheSame } from './packageSets.ts';

/**
 * All places in one text (an interpolated string) where the same expression
 * stands, this one among them: a text that names a program by two parts of one
 * package has to have both from one set.
 */
export function usesInOneText(place: PlacedExpression): PlacedExpression[] {
  const { source, expression } = place;
  const used = unwrap(expression);
  const around = [...expressionsAround(source.root, used)];
  const text = around.findLast((one) => one.kind === 'string');
  if (!text) return [place];
  const uses = [...expressionsOf(text)].filter((one) => beginsWith(one, used, source));
  return uses.length === 0 ? [place] : uses.map((use) => ({ source, expression: use }));
}

/** Is one expression the other, or taken from it: `pkgs.jq` and `pkgs.jq.version`? */
function beginsWith(one: Expression, used: Expression, source: SourceFile): boolean {
  if (!isSameName(one, used, source)) return false;
  if (one.kind === 'select' && used.kind === 'select')
    return `${textOf(source, one)}.`.startsWith(`${textOf(source, used)}.`);
  return one.kind === used.kind && textOf(source, one) === textOf(source, used);
}

function isSameName(one: Expression, other: Expression, source: SourceFile): boolean {
  const [name, another] = [nameIn(one), nameIn(other)];
  return name === undefined || another === undefined ? name === another : meansTheSame(name, another, source);
}

/** The name that an expression begins with. */
function nameIn(expression: Expression): Variable | undefined {
  let at: Expression | undefined = unwrap(expression);
  while (at && at.kind !== 'variable') at = childrenOf(at)[0];
  return at;
}
