import { placeKey } from '../../model/location.ts';
import { groupBy } from '../../model/groupBy.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import { describeSpan } from '../../attribution/describeCause.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';
import type { Candidate, Repair } from '../repair.ts';
import { rulesOfBuildTools } from './usePkgsBuildHost.ts';
import { placeGroups } from './placeGroups.ts';
import { exchangeFormals } from './formals.ts';
import { distinctEdits } from './inherits.ts';
import { withoutSet, type OutOfSet } from './withoutSet.ts';
import { shellOf } from './shells.ts';

/**
 * Take the package for the host platform where its consumer's outputs need it:
 * at all uses, or at one place alone.
 *
 *     buildInputs = [ pkgs.buildPackages.zlib ];   ⇒   buildInputs = [ pkgs.zlib ];
 *     with pkgs.buildPackages; { buildInputs = [ zlib ]; nativeBuildInputs = [ jq ]; }   ⇒   [ pkgs.zlib ]
 *     exec ${buildPackages.dtc}/bin/dtc            ⇒   exec ${dtc}/bin/dtc
 *     #!${stdenv.shell}                            ⇒   #!${runtimeShell}
 */
export const dropBuildPackages: Repair = ({ cause, leaks, places }) => {
  if (cause.kind !== 'unspliced' && cause.kind !== 'other-package-set') return [];
  if (leaks.every(({ rule }) => rulesOfBuildTools.has(rule))) return [];
  const groups = placeGroups(places);
  const candidates = (['edited', 'kept'] as const).flatMap((withs) =>
    groups.flatMap((group) => candidateFor(group, withs) ?? []),
  );
  // Most have nothing to do with a `with`.
  return [...new Map(candidates.map((one) => [keyOf(one), one])).values()];
};

function keyOf({ edits }: Candidate): string {
  return edits.map((edit) => `${placeKey(edit)} ${edit.newText}`).join('\n');
}

function candidateFor(uses: readonly PlacedExpression[], withs: 'edited' | 'kept'): Candidate | undefined {
  const found: { readonly source: SourceFile; readonly out: OutOfSet }[] = [];
  for (const place of uses) {
    const out = shellOf(place) ?? withoutSet(place, withs);
    if (!out) return undefined;
    found.push({ source: place.source, out });
  }
  const [first] = uses;
  const control = distinctEdits(found.flatMap(({ out }) => out.control ?? []));
  const edits = distinctEdits(found.flatMap(({ out }) => out.edits));
  for (const [source, ofSource] of groupBy(found, (one) => one.source)) {
    const frees = ofSource.flatMap(({ out }) => out.frees);
    const needs = ofSource.flatMap(({ out }) => out.needs);
    for (const [lambda, ofLambda] of groupBy(needs, (need) => need.lambda)) {
      const exchanged = exchangeFormals(
        source,
        lambda,
        ofLambda.map(({ name }) => name),
        frees,
      );
      if (!exchanged) return undefined;
      edits.push(...exchanged);
    }
  }
  if (!first || edits.length === 0) return undefined;
  const more = uses.length > 1 ? ` and ${uses.length - 1} more` : '';
  return {
    title: `Use the package that runs on the host platform for \`${describeSpan(first.source, first.expression)}\`${more}`,
    edits,
    ...(control.length > 0 && { control }),
    purpose: 'host platform',
  };
}
