import { unwrap, type Expression } from '../../syntax/ast.ts';
import { inheritedNameAt } from '../../syntax/inheritedNames.ts';
import type { SourceEdit } from '../fix.ts';
import { isBound, replace, type Candidate, type Repair } from '../repair.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import { distinctEdits, inheritFrom } from './inherits.ts';
import { overlaySets } from './overlays.ts';
import { headOf } from './packageSets.ts';

/** Names under which the right set is usually in scope. */
const setNames = ['prev', 'pkgs'];

/** The packages for the build platform alone, in a set, by names that every nixpkgs has. What they are now has to be in it. */
const buildSet = '.buildPackages.buildPackages';

/**
 * Take the package from the set in scope that has the right platform, at every
 * place where the cause comes in.
 *
 *     other.vim   ⇒   pkgs.vim
 *     other.callPackage ./tool.nix { }   ⇒   pkgs.callPackage ./tool.nix { }
 *     final: prev: { git = outer.git; }   ⇒   final: prev: { git = prev.git; }
 *     inherit (outer) git;   ⇒   inherit (prev) git;
 */
export const takeFromPkgs: Repair = ({
  cause,
  origins,
  causePlace: decisive,
  rightSets,
  isOfBuildPlatform,
}) => {
  // What is not spliced is its own cause.
  const causePlace = cause.kind === 'unspliced' ? undefined : decisive;
  const overlays = new Set(
    origins.flatMap(({ source, expression }) => overlaySets(source, expression, nameOf(expression))),
  );
  return [...new Set([...overlays, ...setNames, ...rightSets])].flatMap((name): Candidate[] => {
    const selections = origins.flatMap((origin) => selectionFromElsewhere(origin, name, causePlace) ?? []);
    const [first] = selections;
    if (!first || selections.length < origins.length) return [];
    const more = selections.length > 1 ? ` (and ${selections.length - 1} more)` : '';
    const control = isOfBuildPlatform
      ? origins.flatMap((origin) => selectionFromElsewhere(origin, name, causePlace, buildSet)?.edits ?? [])
      : [];
    return [
      {
        title: first.title + more,
        edits: distinctEdits(selections.flatMap(({ edits }) => edits)),
        ...(control.length > 0 && { control: distinctEdits(control) }),
        // Of the two sets of an overlay one is enough.
        ...(overlays.has(name) && { purpose: 'overlay' }),
      },
    ];
  });
};

/** The name that is taken of a set: `git` of `outer.git`. */
function nameOf(expression: Expression): string | undefined {
  const head = headOf(expression);
  const last = head.kind === 'select' ? head.path.at(-1) : undefined;
  return last?.kind === 'static' ? last.name : undefined;
}

/**
 * The selection at an origin, taken from another set, or from one in that, where
 * `name` is in scope and would mean something else than now.
 */
function selectionFromElsewhere(
  { source, expression }: PlacedExpression,
  name: string,
  causePlace: PlacedExpression | undefined,
  inside = '',
): { readonly title: string; readonly edits: readonly SourceEdit[] } | undefined {
  const select = headOf(expression);
  if (select.kind !== 'select' || !isBound(name, source.scopes.scopeOf(unwrap(select.base))))
    return undefined;
  // What is selected from the repaired set itself stays as it is.
  if (causePlace?.source === source && unwrap(causePlace.expression) === select) return undefined;
  const oneLine = (start: number, end: number): string => source.text.slice(start, end).replace(/\s+/g, ' ');
  const inherited = inheritedNameAt(source.root, select);
  if (inherited) {
    const from = innermost(select.base);
    if (from.kind === 'variable' && from.name === name) return undefined;
    const text = name + inside + source.text.slice(from.end, select.base.end);
    return {
      title: `Take \`${inherited.name.name}\` from \`${text}\``,
      edits: inheritFrom(source, inherited, text),
    };
  }
  const base = unwrap(select.base);
  if (base.kind === 'variable' && base.name === name) return undefined;
  return {
    title: `Replace \`${oneLine(select.start, select.end)}\` by \`${name}${oneLine(select.base.end, select.end)}\``,
    edits: [replace(source, select.base, name + inside)],
  };
}

/** The set that a selection begins with: `outer` of `outer.xorg`. */
function innermost(set: Expression): Expression {
  let at = set;
  while (at.kind === 'select') at = at.base;
  return at;
}
