import { unwrap, type Expression, type Select } from '../../syntax/ast.ts';
import { isBound, replace, type Candidate, type Repair } from '../repair.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';

/** Names under which the right set is usually in scope; in an overlay, what it overlays comes first. */
const setNames = ['prev', 'pkgs'];

/**
 * Take the package from the set in scope that has the right platform, at every
 * place where the cause comes in.
 *
 *     other.vim   ⇒   pkgs.vim
 *     other.callPackage ./tool.nix { }   ⇒   pkgs.callPackage ./tool.nix { }
 *     final: prev: { git = outer.git; }   ⇒   final: prev: { git = prev.git; }
 */
export const takeFromPkgs: Repair = ({ cause, origins, causePlace: decisive, rightSets }) => {
  // What is not spliced is its own cause.
  const causePlace = cause.kind === 'unspliced' ? undefined : decisive;
  return [...new Set([...setNames, ...rightSets])].flatMap((name): Candidate[] => {
    const selections = origins.flatMap((origin) => selectionFromElsewhere(origin, name, causePlace) ?? []);
    const [first] = selections;
    if (!first || selections.length < origins.length) return [];
    const { source, select } = first;
    const oneLine = (start: number, end: number): string =>
      source.text.slice(start, end).replace(/\s+/g, ' ');
    const more = selections.length > 1 ? ` (and ${selections.length - 1} more)` : '';
    return [
      {
        title: `Replace \`${oneLine(select.start, select.end)}\` by \`${name}${oneLine(select.base.end, select.end)}\`${more}`,
        edits: selections.map((selection) => replace(selection.source, selection.select.base, name)),
      },
    ];
  });
};

/** The selection at an origin, where `name` is in scope and would mean something else than now. */
function selectionFromElsewhere(
  { source, expression }: PlacedExpression,
  name: string,
  causePlace: PlacedExpression | undefined,
): { readonly source: PlacedExpression['source']; readonly select: Select } | undefined {
  const select = headOf(expression);
  if (select.kind !== 'select' || !isBound(name, source.scopes.scopeOf(unwrap(select.base))))
    return undefined;
  const base = unwrap(select.base);
  if (base.kind === 'variable' && base.name === name) return undefined;
  // What is selected from the repaired set itself stays as it is.
  if (causePlace?.source === source && unwrap(causePlace.expression) === select) return undefined;
  return { source, select };
}

/** The function that an application begins with: `f` of `f a b`. */
function headOf(expression: Expression): Expression {
  const at = unwrap(expression);
  return at.kind === 'apply' ? headOf(at.fn) : at;
}
