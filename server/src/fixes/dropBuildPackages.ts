import { unwrap } from '../syntax/ast.ts';
import { replace, type Repair } from './repair.ts';

/**
 * Take the package for the host platform where its consumer's outputs need it.
 *
 *     buildInputs = [ pkgs.buildPackages.zlib ];   ⇒   buildInputs = [ pkgs.zlib ];
 */
export const dropBuildPackages: Repair = ({ cause, origin }) => {
  if (cause.kind !== 'unspliced' || !origin) return [];
  const { source, expression } = origin;
  const select = unwrap(expression);
  if (select.kind !== 'select' || select.path.length < 2) return [];
  const [first, second] = select.path;
  if (first?.kind !== 'static' || !second || !isBuildSet(first.name)) return [];
  return [
    {
      title: `Drop \`${first.name}\`: the package that runs on the host platform is needed`,
      edits: [replace(source, { start: first.start, end: second.start }, '')],
    },
  ];
};

/** Does this attribute of a package set hold packages for the build platform? */
export function isBuildSet(name: string): boolean {
  return name === 'buildPackages' || name.startsWith('pkgsBuild');
}
