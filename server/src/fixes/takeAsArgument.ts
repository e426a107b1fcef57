import type { PlacedExpression } from '../attribution/placedExpression.ts';
import { unwrap } from '../syntax/ast.ts';
import { insert, type Candidate } from './repair.ts';
import { isBoundElsewhere } from './systemsInScope.ts';
import { replaceExpression } from './replaceExpression.ts';

/**
 * Takes the evaluating machine's system as an argument that whoever calls the
 * file may give. It helps where somebody does: `callPackage`, which gives what
 * its package set has, or the arguments of the evaluation.
 *
 *     { pkgs }: f builtins.currentSystem
 *   ⇒
 *     { pkgs, system ? builtins.currentSystem }: f system
 */
export function takeAsArgument(place: PlacedExpression): Candidate[] {
  const { source, expression } = place;
  if (isBoundElsewhere('system', expression, source.scopes.scopeOf(expression))) return [];
  const edits = replaceExpression(place, { text: 'system' });
  if (!edits) return [];
  const written = source.text.slice(expression.start, expression.end);
  const argument = `system ? ${written}`;
  const root = unwrap(source.root);
  const title = `Take \`system\` as an argument, which is \`${written}\` by default`;
  if (root.kind !== 'lambda')
    return [{ title, edits: [insert(source, source.root.start, `{ ${argument} }:\n`), ...edits] }];
  // A default would be a part of what is added to.
  const last = root.formals?.at(-1);
  if (last)
    return last.end < expression.start
      ? [{ title, edits: [insert(source, last.end, `, ${argument}`), ...edits] }]
      : [];
  const { formalsSpan } = root;
  return formalsSpan && !root.ellipsis
    ? [{ title, edits: [insert(source, formalsSpan.start + 1, ` ${argument}`), ...edits] }]
    : [];
}
