import { unwrap, type Select } from '../../syntax/ast.ts';
import { resolveName } from '../../syntax/scopes.ts';
import { insert, isBound, replace, type Candidate, type Repair } from '../repair.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';

/**
 * Take the package for the host platform where its consumer's outputs need it.
 *
 *     buildInputs = [ pkgs.buildPackages.zlib ];   ⇒   buildInputs = [ pkgs.zlib ];
 *     exec ${buildPackages.dtc}/bin/dtc            ⇒   exec ${dtc}/bin/dtc
 */
export const dropBuildPackages: Repair = ({ cause, origin }) => {
  if (cause.kind !== 'unspliced' || !origin) return [];
  const { source, expression } = origin;
  const select = unwrap(expression);
  if (select.kind !== 'select') return [];
  const base = unwrap(select.base);
  const [only] = select.path;
  if (base.kind === 'variable' && isBuildSet(base.name) && only?.kind === 'static')
    return takeName(origin, select, base.name, only.name);
  if (select.path.length < 2) return [];
  const [first, second] = select.path;
  if (first?.kind !== 'static' || !second || !isBuildSet(first.name)) return [];
  return [
    {
      title: `Drop \`${first.name}\`: the package that runs on the host platform is needed`,
      edits: [replace(source, { start: first.start, end: second.start }, '')],
    },
  ];
};

/** The same name as an argument, which may have to be added. */
function takeName({ source }: PlacedExpression, select: Select, set: string, name: string): Candidate[] {
  const rest = source.text.slice(select.base.end + 1, select.end);
  const edits = [replace(source, select, rest)];
  const scope = source.scopes.scopeOf(select);
  if (!isBound(name, scope)) {
    const resolution = resolveName(set, scope);
    if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'formal') return [];
    const first = resolution.definition.lambda.formals?.[0];
    if (!first) return [];
    edits.unshift(insert(source, first.start, `${name}, `));
  }
  return [{ title: `Take \`${name}\` itself: the package that runs on the host platform is needed`, edits }];
}

/** Does this attribute of a package set hold packages for the build platform? */
function isBuildSet(name: string): boolean {
  return name === 'buildPackages' || name.startsWith('pkgsBuild');
}
