import { unwrap, type Expression, type Variable } from '../../syntax/ast.ts';
import { expressionsOf } from '../../syntax/descent.ts';
import { resolveName, resolveVariable, type Definition } from '../../syntax/scopes.ts';
import { rangeIn, type SourceFile } from '../../syntax/sourceFile.ts';
import { comparePositions } from '../../model/location.ts';
import { applyEdits } from '../applyEdits.ts';
import type { SourceEdit } from '../fix.ts';

/** The function that an application begins with: `f` of `f a b`. */
export function headOf(expression: Expression): Expression {
  let at = unwrap(expression);
  while (at.kind === 'apply') at = unwrap(at.fn);
  return at;
}

export function isImportOf(head: Expression): boolean {
  return head.kind === 'variable' && head.name === 'import';
}

/** `lib.getBin` and its kin: a function that is the same in every package set. */
export function isLibraryFunction(head: Expression): boolean {
  if (head.kind !== 'select') return false;
  const base = unwrap(head.base);
  const [first] = head.path;
  return (
    base.kind === 'variable' && (base.name === 'lib' || (first?.kind === 'static' && first.name === 'lib'))
  );
}

/** Is a name one of a whole package set? People call those `pkgs`, `hostPkgs`, `nixpkgs`; else its binding tells. */
export function isPackageSet(variable: Variable, source: SourceFile): boolean {
  if (/pkgs$/i.test(variable.name)) return true;
  const resolution = resolveVariable(variable, source.scopes);
  if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return false;
  const { path, value } = resolution.definition.binding;
  if (path.length !== 1) return false;
  const head = headOf(value);
  if (isImportOf(head)) return true;
  return (
    head.kind === 'select' && head.path.some((name) => name.kind === 'static' && name.name === 'pkgsCross')
  );
}

/** Does this attribute of a package set hold packages that run on the build platform? */
export function isBuildSet(name: string): boolean {
  return name === 'buildPackages' || name.startsWith('pkgsBuild');
}

/** Would a name mean the same where another expression stands? */
export function meansTheSame(name: Variable, place: Expression, source: SourceFile): boolean {
  const here = resolveVariable(name, source.scopes);
  const there = resolveName(name.name, source.scopes.scopeOf(place));
  if (here.kind === 'lexical' && there.kind === 'lexical')
    return isSameDefinition(here.definition, there.definition);
  return here.kind === there.kind;
}

/** Would all names of an expression mean the same where another one stands? */
export function allMeanTheSame(expression: Expression, place: Expression, source: SourceFile): boolean {
  return [...expressionsOf(expression)].every(
    (one) => one.kind !== 'variable' || meansTheSame(one, place, source),
  );
}

export function isSameDefinition(one: Definition, other: Definition): boolean {
  return JSON.stringify(spanOf(one)) === JSON.stringify(spanOf(other));
}

function spanOf(definition: Definition): unknown {
  const { start, end } = 'binding' in definition ? definition.binding : definition.lambda;
  return [definition.kind, start, end];
}

/** The text of an expression as edits leave it, and the edits elsewhere. */
export function rewrittenText(
  source: SourceFile,
  expression: Expression,
  edits: readonly SourceEdit[],
): { readonly text: string; readonly elsewhere: readonly SourceEdit[] } {
  const { range } = rangeIn(source, expression);
  const isInside = (edit: SourceEdit): boolean =>
    comparePositions(range.start, edit.range.start) <= 0 && comparePositions(edit.range.end, range.end) <= 0;
  const inside = edits.filter(isInside);
  const whole = applyEdits(inside, new Map([[source.file, source.text]])).get(source.file) ?? source.text;
  const after = source.text.length - expression.end;
  return {
    text: whole.slice(expression.start, whole.length - after),
    elsewhere: edits.filter((edit) => !isInside(edit)),
  };
}

/** A text that may stand before a dot. */
export function selectable(text: string, expression: Expression): string {
  const isSimple = ['variable', 'select', 'parenthesized'].includes(expression.kind);
  return isSimple && !(expression.kind === 'select' && expression.fallback) ? text : `(${text})`;
}

/** May the expression of a binding stand in the place of its name? */
export function isShort(source: SourceFile, value: Expression): boolean {
  const inner = unwrap(value);
  return (
    (inner.kind === 'select' || inner.kind === 'variable') &&
    !source.text.slice(value.start, value.end).includes('\n')
  );
}

/** From one name to the next: a binding may be its own value. */
export const mostSteps = 16;
