import { unwrap } from '../../syntax/ast.ts';
import { isBound, replace, type Candidate, type Repair } from '../repair.ts';

/**
 * Replace a system that is written down, or taken from the evaluating machine.
 *
 *     legacyPackages.x86_64-darwin   ⇒   legacyPackages.${system}
 *     system = builtins.currentSystem   ⇒   system = "x86_64-linux"
 */
export const replaceSystem: Repair = ({ cause, causePlace, expected }) => {
  if (!causePlace) return [];
  const { source, expression } = causePlace;
  const scope = source.scopes.scopeOf(expression);
  const inScope = isBound('system', scope);
  switch (cause.kind) {
    case 'hard-coded-system':
    case 'current-system': {
      const candidates: Candidate[] = [];
      // In a plain set `system = system` means the outer one; elsewhere it would mean itself.
      const owner = source.scopes.parentOf(expression);
      if (inScope && owner?.kind === 'attribute-set' && !owner.recursive) {
        candidates.push({
          title: 'Use the `system` that is in scope',
          edits: [replace(source, expression, 'system')],
        });
      }
      const written = `"${expected}"`;
      if (source.text.slice(expression.start, expression.end) !== written)
        candidates.push({ title: `Use ${written}`, edits: [replace(source, expression, written)] });
      return candidates;
    }
    case 'wrong-flake-system': {
      const select = unwrap(expression);
      const names = select.kind === 'select' ? select.path : [];
      const wrong = cause.text?.split('.').at(-1)?.replaceAll('"', '');
      const name = names.find((candidate) => candidate.kind === 'static' && candidate.name === wrong);
      if (!name) return [];
      return [
        ...(inScope ? [{ title: 'Use `${system}`', edits: [replace(source, name, '${system}')] }] : []),
        { title: `Use ${expected}`, edits: [replace(source, name, expected)] },
      ];
    }
    default:
      return [];
  }
};
