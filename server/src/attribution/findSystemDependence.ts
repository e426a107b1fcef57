import { findSystemEntries } from '../check/closureDifference.ts';
import type { Origin, Report } from '../model/report.ts';
import { pathsFromRoot } from '../check/shortestPaths.ts';
import type { Severity } from '../model/judgement.ts';
import { placeKey, type SourceRange } from '../model/location.ts';
import { inSlices, Slice } from '../model/slices.ts';
import type { System } from '../model/system.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceInSlices, type SourceFile } from '../syntax/sourceFile.ts';
import { findSource, indexByDerivation } from './findSource.ts';
import { EvidenceIndex } from './evidence.ts';

/** A place where the evaluating machine's system comes in. */
export interface DependencePlace {
  /** The cause where it is known, else the origin. */
  readonly source: SourceRange;
  readonly text: string;
  readonly message: string;
  readonly origins: readonly Origin[];
  /** Names of the derivations that come in through it. */
  readonly derivations: readonly string[];
}

/** The same target gives another root where it is evaluated as another system. */
export interface SystemDependence {
  readonly severity: Severity;
  readonly systems: readonly [System, System];
  readonly roots: readonly [string, string];
  /** Empty where no expression of the workspace could be named. */
  readonly places: readonly DependencePlace[];
}

/**
 * Compares two evaluations of one target; undefined where they gave one root, or
 * where the target's name itself chooses by system.
 *
 * @param parser for the first report's files, which are parsed only where the roots differ
 */
export async function findSystemDependence(
  one: Report,
  other: Report,
  parser: NixParser,
): Promise<SystemDependence | undefined> {
  const [root, otherRoot] = [one.graph.derivation(one.graph.root), other.graph.derivation(other.graph.root)];
  const { target } = one.request;
  if (root.drvPath === otherRoot.drvPath || one.evaluatedAs === other.evaluatedAs) return undefined;
  if (target.kind === 'derivation' || (target.kind === 'flake' && choosesBySystem(target.attribute)))
    return undefined;
  const isDeployed =
    target.kind === 'flake' || (target.kind === 'composed' && target.composition !== 'call-package');
  return {
    // What follows the machine as a whole, such as a shell, is mostly meant to.
    severity: isDeployed || root.system === otherRoot.system ? 'warning' : 'info',
    systems: [one.evaluatedAs, other.evaluatedAs],
    roots: [root.drvPath, otherRoot.drvPath],
    places: await findPlaces(one, other, parser),
  };
}

async function findPlaces(one: Report, other: Report, parser: NixParser): Promise<DependencePlace[]> {
  const entries = await inSlices(findSystemEntries(one, other));
  if (entries.length === 0) return [];
  const slice = new Slice();
  const sources = new Map<string, SourceFile>();
  for (const [file, text] of one.sources) {
    sources.set(file, await parseSourceInSlices(file, text, parser));
    await slice.giveWayIfOver();
  }
  const index = await inSlices(
    EvidenceIndex.of({
      sources,
      observations: one.observations,
      usedDefaults: one.usedDefaults ?? [],
      givenArguments: new Set(),
      evaluatedAs: one.evaluatedAs,
    }),
  );
  const observedAs = await inSlices(indexByDerivation(one.observations));
  const paths = await inSlices(pathsFromRoot(one.graph));
  const places = new Map<string, DependencePlace>();
  for (const id of entries) {
    const sought = {
      input: id,
      path: paths.to(id),
      expected: [other.evaluatedAs],
      wrong: [one.evaluatedAs],
    };
    const { origins, cause } = await inSlices(findSource(sought, one.graph, observedAs, index));
    const [origin] = origins;
    const known = cause?.source && cause.kind !== 'unknown' ? { ...cause, source: cause.source } : undefined;
    const source = known?.source ?? origin?.source;
    if (!source || !origin) continue;
    const key = placeKey(source);
    const { name } = one.graph.derivation(id);
    const before = places.get(key);
    places.set(key, {
      source,
      text: known?.text ?? origin.text,
      message: known?.message ?? 'What chose its system could not be told from the source.',
      origins: before?.origins ?? origins,
      derivations: [...(before?.derivations ?? []), name],
    });
  }
  return [...places.values()];
}

/** Nix itself puts the system into these (Nix manual, `nix`, "Flake output attribute"): that is a choice. */
function choosesBySystem(attribute: string): boolean {
  const absolute =
    /^\.?(packages|legacyPackages|checks|devShells|apps|hydraJobs|formatter|[a-z]+Configurations|deploy|colmena|colmenaHive)\./;
  return !absolute.test(attribute) && !attribute.startsWith('.');
}
