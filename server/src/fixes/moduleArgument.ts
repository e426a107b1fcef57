import type { PlacedExpression } from '../attribution/placedExpression.ts';
import type { Lambda } from '../syntax/ast.ts';
import { expressionsAround } from '../syntax/descent.ts';
import { unwrap } from '../syntax/ast.ts';

/**
 * The module around a place, which may ask for one argument more by its name;
 * undefined where the place lies in no file that is a module: a function of
 * `config` that takes whatever it is given.
 */
export function moduleArgument({ source, expression }: PlacedExpression, name: string): Lambda | undefined {
  const root = unwrap(source.root);
  if (root.kind !== 'lambda' || !root.ellipsis) return undefined;
  const names = (root.formals ?? []).map((formal) => formal.name.name);
  if (!names.includes('config') || names.includes(name)) return undefined;
  return [...expressionsAround(source.root, expression)].includes(root) ? root : undefined;
}
