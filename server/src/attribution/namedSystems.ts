import type { CauseKind } from '../model/report.ts';
import { unwrap, type Expression } from '../syntax/ast.ts';
import { resolveVariable } from '../syntax/scopes.ts';
import { textOf, type SourceFile } from '../syntax/sourceFile.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** Does a cause name a system, so that somebody may have meant it? */
export function namesSystem(kind: CauseKind): boolean {
  return kind === 'hard-coded-system' || kind === 'wrong-flake-system';
}

/** Follows the machine without saying so: `{ system ? builtins.currentSystem }` says it. */
export function isImplicit(kind: CauseKind, { source, expression }: PlacedExpression): boolean {
  if (kind === 'package-set-without-system' || kind === 'shadowed-with') return true;
  if (kind !== 'current-system') return false;
  const parent = source.scopes.parentOf(expression);
  return parent?.kind !== 'lambda';
}

/** Is an expression the `system` that `nixosSystem { … }` or its like is told? A machine is never wrong because of its user. */
export function isOfMachine(place: PlacedExpression | undefined): boolean {
  if (!place) return false;
  const { source, expression } = place;
  const set = source.scopes.parentOf(expression);
  const call = set?.kind === 'attribute-set' ? source.scopes.parentOf(set) : undefined;
  if (call?.kind !== 'apply') return false;
  const fn = unwrap(call.fn);
  const last = fn.kind === 'select' ? fn.path.at(-1) : undefined;
  const name = fn.kind === 'variable' ? fn.name : last?.kind === 'static' ? last.name : undefined;
  return name === 'nixosSystem' || name === 'darwinSystem' || isEvalConfig(fn, source);
}

/** `import <nixpkgs/nixos/lib/eval-config.nix>`, or a name that is bound to it. */
function isEvalConfig(fn: Expression, source: SourceFile): boolean {
  if (fn.kind === 'apply') return textOf(source, fn).includes('eval-config');
  const resolution = fn.kind === 'variable' ? resolveVariable(fn, source.scopes) : undefined;
  if (resolution?.kind !== 'lexical' || resolution.definition.kind !== 'binding') return false;
  return textOf(source, resolution.definition.binding.value).includes('eval-config');
}
