import { expressionAt } from '../../syntax/sourceFile.ts';
import { resolveName } from '../../syntax/scopes.ts';
import { unwrap, type Expression, type With } from '../../syntax/ast.ts';
import { replace, type Repair } from '../repair.ts';

/**
 * Bind the shadowing name anew, so that it means the set of the `with`.
 *
 *     with import nixpkgs { inherit system; };
 *   ⇒
 *     let pkgs = import nixpkgs { inherit system; }; in with pkgs;
 */
export const bindFromWith: Repair = ({ cause, origin }) => {
  if (cause.kind !== 'shadowed-with' || !origin) return [];
  const { source, expression } = origin;
  const used = unwrap(expression);
  const base = used.kind === 'select' ? unwrap(used.base) : used;
  if (base.kind !== 'variable') return [];
  const resolution = resolveName(base.name, source.scopes.scopeOf(base));
  if (resolution.kind !== 'lexical') return [];
  const lost = cause.steps.flatMap((step) => {
    if (step.source.file !== source.file) return [];
    const { start, end } = step.source.range;
    const found = expressionAt(source, {
      start: source.lines.offsetAt(start),
      end: source.lines.offsetAt(end),
    });
    return resolution.shadowed.filter((candidate) => unwrap(candidate.environment) === unwrapped(found));
  });
  const first: With | undefined = lost[0];
  if (!first) return [];
  const { environment } = first;
  const text = source.text.slice(environment.start, environment.end);
  const head = { start: first.start, end: environment.end };
  const name = base.name;
  return [
    {
      title: `Bind \`${name}\` to the set of this \`with\``,
      edits: [replace(source, head, `let ${name} = ${text}; in with ${name}`)],
    },
  ];
};

function unwrapped(expression: Expression | undefined): Expression | undefined {
  return expression && unwrap(expression);
}
