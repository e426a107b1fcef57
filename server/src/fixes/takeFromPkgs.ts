import { unwrap, type Expression } from '../syntax/ast.ts';
import { isBound, replace, type Repair } from './repair.ts';

/**
 * Take the package from the `pkgs` in scope, which has the right platform.
 *
 *     other.vim   ⇒   pkgs.vim
 *     other.callPackage ./tool.nix { }   ⇒   pkgs.callPackage ./tool.nix { }
 */
export const takeFromPkgs: Repair = ({ cause, origin, causePlace }) => {
  if (cause.kind === 'unknown' || !origin) return [];
  const { source } = origin;
  const select = headOf(origin.expression);
  if (select.kind !== 'select' || !isBound('pkgs', source.scopes.scopeOf(select))) return [];
  const base = unwrap(select.base);
  if (base.kind === 'variable' && base.name === 'pkgs') return [];
  // What is selected from the repaired set itself stays as it is.
  if (causePlace?.source === source && unwrap(causePlace.expression) === select) return [];
  const oneLine = (start: number, end: number): string => source.text.slice(start, end).replace(/\s+/g, ' ');
  return [
    {
      title: `Replace \`${oneLine(select.start, select.end)}\` by \`pkgs${oneLine(select.base.end, select.end)}\``,
      edits: [replace(source, select.base, 'pkgs')],
    },
  ];
};

/** The function that an application begins with: `f` of `f a b`. */
function headOf(expression: Expression): Expression {
  const at = unwrap(expression);
  return at.kind === 'apply' ? headOf(at.fn) : at;
}
