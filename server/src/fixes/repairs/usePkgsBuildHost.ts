import type { RuleId } from '../../model/judgement.ts';
import { unwrap, type Lambda } from '../../syntax/ast.ts';
import { resolveName } from '../../syntax/scopes.ts';
import type { SourceEdit } from '../fix.ts';
import { insert, isBound, replace, type Candidate, type Repair } from '../repair.ts';

/** What breaks them may be a tool that runs while its consumer is built. */
const rulesOfBuildTools: ReadonlySet<RuleId> = new Set(['build-platform', 'build-script', 'plain-reference']);

/**
 * Use the package that runs on the build platform for a tool that runs while
 * its consumer is built (nixpkgs manual, chapter "Cross-compilation").
 *
 *     nativeBuildInputs = [ pkgs.protobuf ];   ⇒   [ pkgs.pkgsBuildHost.protobuf ]
 */
export const usePkgsBuildHost: Repair = ({ leaks, origin, isCrossCompiled }) => {
  const runsAtBuild = leaks.some((leak) => rulesOfBuildTools.has(leak.rule));
  if (!isCrossCompiled || !runsAtBuild || !origin) return [];
  const { source, expression } = origin;
  const used = unwrap(expression);

  return ['pkgsBuildHost', 'buildPackages'].flatMap((set): Candidate[] => {
    const candidate = (edits: SourceEdit[]): Candidate[] => [
      { title: `Use \`${set}\`, which runs on the build platform`, edits },
    ];
    if (used.kind === 'select') {
      const base = unwrap(used.base);
      const isSet = base.kind !== 'variable' || used.path.length === 1 || /pkgs$/i.test(base.name);
      return isSet ? candidate([insert(source, used.base.end, `.${set}`)]) : [];
    }
    if (used.kind !== 'variable') return [];
    const resolution = resolveName(used.name, source.scopes.scopeOf(used));
    if (resolution.kind === 'with') return candidate([replace(source, used, `${set}.${used.name}`)]);
    if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'formal') return [];
    const { lambda } = resolution.definition;
    const edits = [replace(source, used, `${set}.${used.name}`)];
    if (!isBound(set, source.scopes.scopeOf(used))) {
      const formal = addFormal(lambda, set);
      if (!formal) return [];
      edits.unshift(insert(source, formal.offset, formal.text));
    }
    return candidate(edits);
  });
};

/** Where and how a formal is added in front of the others. */
function addFormal(
  lambda: Lambda,
  name: string,
): { readonly offset: number; readonly text: string } | undefined {
  const first = lambda.formals?.[0];
  return first && { offset: first.start, text: `${name}, ` };
}
