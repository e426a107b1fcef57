import { join } from 'node:path';
import type { EvaluationTarget } from '../../model/target.ts';
import type { Expression, Span } from '../../syntax/ast.ts';
import { splitAttributePath } from '../../model/attributePath.ts';
import { findAttribute } from '../../syntax/attributePlace.ts';
import { expressionsAround } from '../../syntax/descent.ts';
import { literalPaths } from '../../syntax/pathLiterals.ts';
import type { NixParser } from '../../syntax/parser.ts';
import { parseSourceInSlices, type SourceFile } from '../../syntax/sourceFile.ts';
import type { NixEnvironment } from '../../nix/nixEnvironment.ts';
import { compositionOf, composedTargets } from './composedTargets.ts';
import type { FoundTarget, TargetSearchOptions } from './found.ts';
import { fileOfPath, scanFile, scanOnce, type ScannedFile } from './scanWorkspace.ts';

/**
 * The target through which an open file can be evaluated: the nearest known
 * one whose files lead to it by the paths that they name; else the one that
 * the file makes by itself, a package with callPackage and a module as a
 * configuration. Undefined where there is none.
 *
 * @param directory the workspace that the file belongs to
 * @throws NixFailure
 */
export async function targetFor<Known extends FoundTarget>(
  file: string,
  known: readonly Known[],
  directory: string,
  environment: NixEnvironment,
  options: Pick<TargetSearchOptions, 'limits' | 'signal' | 'scan' | 'onText'>,
): Promise<Known | FoundTarget | undefined> {
  const scan = options.scan ?? scanOnce(environment.parser, options.signal);
  const { files } = await scan(directory);
  const [nearest] = await targetsLeadingTo(file, known, files, environment.parser, options.signal);
  if (nearest) return nearest;
  const scanned = files.get(file) ?? (await scanFile(file, environment.parser, options.signal));
  const composition = scanned && compositionOf(scanned.kind);
  if (!scanned || composition === undefined) return undefined;
  const [own] = await composedTargets(scanned, composition, directory, environment, options);
  return own;
}

/** The known targets whose files lead to a file, the one with the fewest steps first. */
async function targetsLeadingTo<Known extends FoundTarget>(
  file: string,
  known: readonly Known[],
  files: ReadonlyMap<string, ScannedFile>,
  parser: NixParser,
  signal: AbortSignal,
): Promise<Known[]> {
  const steps = stepsTo(file, files);
  const entries = await entriesOfFlakes(known, files, parser, signal);
  const near = known.flatMap((candidate) => {
    const distance = (entries.get(candidate) ?? entriesOf(candidate.target)).reduce(
      (least, entry) => Math.min(least, steps.get(entry) ?? Infinity),
      Infinity,
    );
    return distance === Infinity ? [] : [{ candidate, distance }];
  });
  return near.sort((one, other) => one.distance - other.distance).map(({ candidate }) => candidate);
}

/** How many files lie between each file that leads to this one and it. */
function stepsTo(file: string, files: ReadonlyMap<string, ScannedFile>): Map<string, number> {
  const steps = new Map([[file, 0]]);
  for (const [reached, distance] of steps) {
    for (const [importer, { names }] of files) {
      if (names.has(reached) && !steps.has(importer)) steps.set(importer, distance + 1);
    }
  }
  return steps;
}

/** The files with which targets of flakes that were scanned begin; one flake's tree after the other is held. */
async function entriesOfFlakes(
  known: readonly FoundTarget[],
  files: ReadonlyMap<string, ScannedFile>,
  parser: NixParser,
  signal: AbortSignal,
): Promise<Map<FoundTarget, string[]>> {
  const entries = new Map<FoundTarget, string[]>();
  for (const flake of new Set(known.flatMap(({ target }) => (target.kind === 'flake' ? target.flake : [])))) {
    const file = join(flake, 'flake.nix');
    const scanned = files.get(file);
    if (!scanned) continue;
    const source = await parseSourceInSlices(file, scanned.text, parser, signal);
    for (const one of known) {
      if (one.target.kind === 'flake' && one.target.flake === flake)
        entries.set(one, outputEntries(one.target, known, scanned, source));
    }
  }
  return entries;
}

/** The files with which a target begins. */
function entriesOf(target: EvaluationTarget): string[] {
  switch (target.kind) {
    case 'file':
    case 'composed':
      return [fileOfPath(target.file)];
    case 'flake':
      return [join(target.flake, 'flake.nix')];
    case 'expression':
    case 'derivation':
      return [];
  }
}

type FlakeTarget = Extract<EvaluationTarget, { kind: 'flake' }>;

/** The files that an output's own expression in flake.nix names, and those that no other output has for itself. */
function outputEntries(
  target: FlakeTarget,
  known: readonly FoundTarget[],
  { names }: ScannedFile,
  source: SourceFile,
): string[] {
  const own = outputExpression(target, source);
  const others = known.flatMap(({ target: other }) => {
    if (other.kind !== 'flake' || other.flake !== target.flake) return [];
    const expression = outputExpression(other, source);
    // One whose name is not spelled out stands for what is around it.
    const isApart = expression && !(own && expression.start <= own.start && own.end <= expression.end);
    return isApart ? literalPaths(source, expression).map(fileOfPath) : [];
  });
  const mine = own ? literalPaths(source, own).map(fileOfPath) : [];
  return [...mine, ...[...names].filter((name) => !others.includes(name))];
}

function outputExpression({ attribute }: FlakeTarget, source: SourceFile): Expression | undefined {
  const place = findAttribute(source, ['outputs', ...splitAttributePath(attribute)]);
  return place && boundAt(source.root, place);
}

/** The value of the binding with a name at this place. */
function boundAt(root: Expression, place: Span): Expression | undefined {
  for (const at of expressionsAround(root, place)) {
    if (at.kind !== 'attribute-set') continue;
    for (const binding of at.bindings)
      if (binding.kind === 'attribute' && binding.path.some(({ start }) => start === place.start))
        return binding.value;
  }
  return undefined;
}
