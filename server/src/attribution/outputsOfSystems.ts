import type { AttributeName, Expression } from '../syntax/ast.ts';
import { looksLikeSystem } from './endingSystems.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** Outputs of a flake that have a value for each system (Nix manual, `nix flake check`). */
const outputs = new Set(['packages', 'legacyPackages', 'checks', 'devShells', 'apps', 'formatter']);

/** Does an expression stand in what a flake has for one system: in `packages.${system} = …`? */
export function isOutputOfSystem({ source, expression }: PlacedExpression): boolean {
  if (!source.file.endsWith('/flake.nix')) return false;
  let child: Expression = expression;
  for (let at = source.scopes.parentOf(child); at; child = at, at = source.scopes.parentOf(at)) {
    if (at.kind !== 'attribute-set') continue;
    const value = child;
    const binding = at.bindings.find((one) => one.kind === 'attribute' && one.value === value);
    if (binding?.kind === 'attribute' && namesSystem(binding.path)) return true;
  }
  return false;
}

function namesSystem([kind, system]: readonly AttributeName[]): boolean {
  if (kind?.kind !== 'static' || !outputs.has(kind.name) || !system) return false;
  return system.kind === 'dynamic' || looksLikeSystem.test(system.name);
}
