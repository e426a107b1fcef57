import { placeKey } from '../../model/location.ts';
import type { RuleId } from '../../model/judgement.ts';
import { describeSpan } from '../../attribution/describeCause.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import type { SourceEdit } from '../fix.ts';
import type { Candidate, Repair } from '../repair.ts';
import { placeGroups } from './placeGroups.ts';
import { isByArgument, throughSet } from './throughSet.ts';

/** What breaks them may be a tool that runs while its consumer is built. */
export const rulesOfBuildTools: ReadonlySet<RuleId> = new Set([
  'build-platform',
  'build-script',
  'plain-reference',
]);

/** The packages for the host platform, as an attribute of those for the build platform (nixpkgs source, `stage.nix`). */
const hostSet = 'targetPackages';

/**
 * Use the package that runs on the build platform for a tool that runs while
 * its consumer is built (nixpkgs manual, chapter "Cross-compilation"): at all
 * uses in the consumers, or at one place alone.
 *
 *     nativeBuildInputs = [ pkgs.protobuf ];   ⇒   [ pkgs.pkgsBuildHost.protobuf ]
 *     depsBuildBuild = [ stdenv.cc ];          ⇒   [ buildPackages.stdenv.cc ]
 */
export const usePkgsBuildHost: Repair = ({ leaks, places, isCrossCompiled, buildSets }) => {
  const runsAtBuild = leaks.some((leak) => rulesOfBuildTools.has(leak.rule));
  if (!isCrossCompiled || !runsAtBuild) return [];
  // A compiler for the build platform is another package than one for the host platform.
  const isCompiler = leaks.every(({ edges }) => edges.some(({ roles }) => roles.includes('depsBuildBuild')));
  return placeGroups(places).flatMap((group) => {
    const sets = isCompiler ? buildSets.toReversed() : buildSets;
    const candidates = sets.flatMap((set) => candidateFor(group, set) ?? []);
    // The set that a file has at hand needs no further argument.
    candidates.sort((one, other) => one.edits.length - other.edits.length);
    return isCompiler ? candidates.map((candidate) => ({ ...candidate, addsInputs: true })) : candidates;
  });
};

function candidateFor(uses: readonly PlacedExpression[], set: string): Candidate | undefined {
  const edits = editsThrough(uses, set);
  const [first] = uses;
  if (!first || !edits) return undefined;
  // What runs on the host platform by the same name has to be what is used now.
  const control = uses.some((use) => isByArgument(use)) ? editsThrough(uses, `${set}.${hostSet}`) : undefined;
  const more = uses.length > 1 ? ` and ${uses.length - 1} more` : '';
  const text = describeSpan(first.source, first.expression);
  return {
    title: `Use \`${set}\`, which runs on the build platform, for \`${text}\`${more}`,
    edits,
    ...(control && { control }),
    purpose: `build platform ${uses.map(({ source, expression: { start } }) => `${source.file} ${start}`).join(' ')}`,
  };
}

function editsThrough(uses: readonly PlacedExpression[], set: string): SourceEdit[] | undefined {
  const edits = new Map<string, SourceEdit>();
  for (const use of uses) {
    const here = throughSet(use, set);
    if (!here) return undefined;
    for (const edit of here) edits.set(`${placeKey(edit)} ${edit.newText}`, edit);
  }
  return [...edits.values()];
}
