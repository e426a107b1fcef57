import type { PlacedExpression } from '../attribution/placedExpression.ts';
import { unwrap } from '../syntax/ast.ts';
import { addFormalAfter, insert, type Candidate } from './repair.ts';
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
  const last = root.formals?.at(-1);
  if (last) {
    // Within the formals, a default is written that would have to be edited as well.
    const formal =
      last.end < expression.start && addFormalAfter(source, root, (root.formals?.length ?? 0) - 1, argument);
    return formal ? [{ title, edits: [formal, ...edits] }] : [];
  }
  const { formalsSpan } = root;
  return formalsSpan && !root.ellipsis
    ? [{ title, edits: [insert(source, formalsSpan.start + 1, ` ${argument}`), ...edits] }]
    : [];
}
