import { unwrap } from '../syntax/ast.ts';
import { isBound, replace, type Repair } from './repair.ts';

/**
 * Take the package from the `pkgs` in scope, which has the right platform.
 *
 *     other.vim   ⇒   pkgs.vim
 */
export const takeFromPkgs: Repair = ({ cause, origin, causePlace }) => {
  if (cause.kind === 'unknown' || !origin) return [];
  const { source, expression } = origin;
  const select = unwrap(expression);
  if (select.kind !== 'select' || !isBound('pkgs', source.scopes.scopeOf(select))) return [];
  const base = unwrap(select.base);
  if (base.kind === 'variable' && base.name === 'pkgs') return [];
  // What is selected from the repaired set itself stays as it is.
  if (causePlace && causePlace.source === source && unwrap(causePlace.expression) === select) return [];
  const text = source.text.slice(select.start, select.end).replace(/\s+/g, ' ');
  const rest = source.text.slice(select.base.end, select.end);
  return [
    {
      title: `Replace \`${text}\` by \`pkgs${rest.replace(/\s+/g, ' ')}\``,
      edits: [replace(source, select.base, 'pkgs')],
    },
  ];
};
