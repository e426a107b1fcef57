import type { PlacedExpression } from '../attribution/placedExpression.ts';
import { placeKey } from '../model/location.ts';
import type { Observation, ObservedPackageSet } from '../model/observation.ts';
import type { System } from '../model/system.ts';
import type { Definition, Scope } from '../syntax/scopes.ts';
import { rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';

/**
 * The names, where an expression stands, of package sets whose packages run on
 * a system, as far as the evaluation saw that; the innermost first.
 */
export function rightSetsAt(
  { source, expression }: PlacedExpression,
  system: System,
  observations: readonly Observation[],
): string[] {
  const { named, values } = rightSetsIn(source, system, observations);
  const isSet = (name: string, definition: Definition): boolean =>
    named.has(name) ||
    (definition.kind === 'binding' && values.has(placeKey(rangeIn(source, definition.binding.value))));
  const found: string[] = [];
  for (let scope: Scope = source.scopes.scopeOf(expression); scope.kind !== 'builtins'; scope = scope.outer) {
    if (scope.kind !== 'names') continue;
    for (const [name, definition] of scope.names)
      if (!found.includes(name) && isSet(name, definition)) found.push(name);
  }
  return found;
}

/** What the evaluation saw of package sets in a file whose packages run on a system. */
interface RightSets {
  readonly named: ReadonlySet<string>;
  /** The places of expressions that are such a set. */
  readonly values: ReadonlySet<string>;
}

/** Of the observations of a report, by system and file: there may be thousands, and as many leaks. */
const known = new WeakMap<readonly Observation[], Map<string, RightSets>>();

function rightSetsIn(source: SourceFile, system: System, observations: readonly Observation[]): RightSets {
  const ofReport = known.get(observations) ?? new Map<string, RightSets>();
  known.set(observations, ofReport);
  const key = `${system} ${source.file}`;
  const found = ofReport.get(key) ?? findRightSets(source, system, observations);
  ofReport.set(key, found);
  return found;
}

function findRightSets(source: SourceFile, system: System, observations: readonly Observation[]): RightSets {
  const isRight = ({ platforms }: ObservedPackageSet): boolean =>
    platforms.every(({ host }) => host === system);
  const named = new Set<string>();
  const values = new Set<string>();
  for (const { source: place, packageSet, ownPackageSet } of observations) {
    if (place.file !== source.file) continue;
    if (ownPackageSet && isRight(ownPackageSet)) values.add(placeKey(place));
    if (!packageSet || !isRight(packageSet)) continue;
    const { start, end } = packageSet.source.range;
    const { lines } = source;
    named.add(textOf(source, { start: lines.offsetAt(start), end: lines.offsetAt(end) }));
  }
  return { named, values };
}
