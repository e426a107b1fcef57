import { placeKey } from '../../model/location.ts';
import type { RuleId } from '../../model/judgement.ts';
import { describeSpan } from '../../attribution/describeCause.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import type { SourceEdit } from '../fix.ts';
import type { Candidate, LeakPlace, Repair } from '../repair.ts';
import { isByArgument, throughSet, usesInOneText } from './throughSet.ts';

/** What breaks them may be a tool that runs while its consumer is built. */
const rulesOfBuildTools: ReadonlySet<RuleId> = new Set(['build-platform', 'build-script', 'plain-reference']);

/** The packages themselves, as an attribute of their set. */
const hostSet = 'pkgsHostTarget';

/** So many places are tried one by one. */
const mostPlaces = 6;

/**
 * Use the package that runs on the build platform for a tool that runs while
 * its consumer is built (nixpkgs manual, chapter "Cross-compilation"): at all
 * uses in the consumers, or at one place alone.
 *
 *     nativeBuildInputs = [ pkgs.protobuf ];   ⇒   [ pkgs.pkgsBuildHost.protobuf ]
 */
export const usePkgsBuildHost: Repair = ({ leaks, places, isCrossCompiled, buildSets }) => {
  const runsAtBuild = leaks.some((leak) => rulesOfBuildTools.has(leak.rule));
  if (!isCrossCompiled || !runsAtBuild) return [];
  const inConsumers = places.filter(({ isInConsumer }) => isInConsumer);
  const groups = inConsumers.length > 1 ? [inConsumers] : [];
  groups.push(...places.slice(0, mostPlaces).map((place) => [place]));
  return groups.flatMap((group) => {
    const candidates = buildSets.flatMap((set) => candidateFor(group, set) ?? []);
    // The set that a file has at hand needs no further argument.
    return candidates.sort((one, other) => one.edits.length - other.edits.length);
  });
};

function candidateFor(places: readonly LeakPlace[], set: string): Candidate | undefined {
  const uses = places.flatMap(usesInOneText);
  const edits = editsThrough(uses, set);
  const [first] = places;
  if (!first || !edits) return undefined;
  // What runs on the host platform by the same name has to be what is used now.
  const control = uses.some(isByArgument) ? editsThrough(uses, hostSet) : undefined;
  const more = places.length > 1 ? ` and ${places.length - 1} more` : '';
  const text = describeSpan(first.source, first.expression);
  return {
    title: `Use \`${set}\`, which runs on the build platform, for \`${text}\`${more}`,
    edits,
    ...(control && { control }),
    purpose: `build platform ${places.map(({ source, expression: { start } }) => `${source.file} ${start}`).join(' ')}`,
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
