import { placeKey } from '../../model/location.ts';
import type { RuleId } from '../../model/judgement.ts';
import { describeSpan } from '../../attribution/describeCause.ts';
import type { SourceEdit } from '../fix.ts';
import type { Candidate, LeakPlace, Repair } from '../repair.ts';
import { throughSet } from './throughSet.ts';
import { usesInOneText } from './usesInOneText.ts';

/** What breaks them may be a tool that runs while its consumer is built. */
export const rulesOfBuildTools: ReadonlySet<RuleId> = new Set([
  'build-platform',
  'build-script',
  'plain-reference',
]);

/** Two names of one set of packages; the older one last. */
const buildSets = ['pkgsBuildHost', 'buildPackages'];

/** So many places are tried one by one. */
const mostPlaces = 6;

/**
 * Use the package that runs on the build platform for a tool that runs while
 * its consumer is built (nixpkgs manual, chapter "Cross-compilation"): at all
 * uses in the consumers, or at one place alone.
 *
 *     nativeBuildInputs = [ pkgs.protobuf ];   ⇒   [ pkgs.pkgsBuildHost.protobuf ]
 *     depsBuildBuild = [ stdenv.cc ];          ⇒   [ buildPackages.stdenv.cc ]
 */
export const usePkgsBuildHost: Repair = ({ leaks, places, isCrossCompiled }) => {
  const runsAtBuild = leaks.some((leak) => rulesOfBuildTools.has(leak.rule));
  if (!isCrossCompiled || !runsAtBuild) return [];
  const inConsumers = places.filter(({ isInConsumer }) => isInConsumer);
  const groups = inConsumers.length > 1 ? [inConsumers] : [];
  groups.push(...places.slice(0, mostPlaces).map((place) => [place]));
  const candidates = (sets: readonly string[]): Candidate[] =>
    groups.flatMap((group) => sets.flatMap((set) => candidateFor(group, set) ?? []));
  const isCompiler = leaks.every(({ edges }) => edges.some(({ roles }) => roles.includes('depsBuildBuild')));
  if (!isCompiler) return candidates(buildSets);
  // A compiler for the build platform is another package than one for the host platform.
  return candidates(buildSets.toReversed()).map((candidate) => ({ ...candidate, addsInputs: true }));
};

function candidateFor(places: readonly LeakPlace[], set: string): Candidate | undefined {
  const edits = new Map<string, SourceEdit>();
  for (const place of places.flatMap(usesInOneText)) {
    const here = throughSet(place, set);
    if (!here) return undefined;
    for (const edit of here) edits.set(`${placeKey(edit)} ${edit.newText}`, edit);
  }
  const [first] = places;
  if (!first) return undefined;
  const more = places.length > 1 ? ` and ${places.length - 1} more` : '';
  const text = describeSpan(first.source, first.expression);
  return {
    title: `Use \`${set}\`, which runs on the build platform, for \`${text}\`${more}`,
    edits: [...edits.values()],
    purpose: `build platform ${places.map(({ source, expression: { start } }) => `${source.file} ${start}`).join(' ')}`,
  };
}
