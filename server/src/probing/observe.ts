import type { DerivationGraph, EvaluatedPlatforms } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { comparePositions, type SourceRange } from '../model/location.ts';
import type { Steps } from '../model/slices.ts';
import { sortInSteps } from '../model/sortInSteps.ts';
import type {
  ObservedPackageSet,
  Observation,
  PackageSetPlatforms,
  ShadowedWith,
} from '../model/observation.ts';
import type { System } from '../model/system.ts';
import { unwrap, type Expression, type Span } from '../syntax/ast.ts';
import { rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { bindingSpans } from './bindingSpans.ts';
import { decodeProbeReport, type Probe, type ProbeReport } from './probes.ts';

/** What the probes of one evaluation said. */
export interface ProbeFindings {
  readonly observations: readonly Observation[];
  /** Formals' defaults that were used. */
  readonly usedDefaults: readonly SourceRange[];
  /** The platforms for which derivations were made, as far as it was said. */
  readonly platforms: ReadonlyMap<DerivationId, EvaluatedPlatforms>;
  /** Number of probes that reported at least once. */
  readonly fired: number;
}

interface Gathered {
  readonly derivations: Set<DerivationId>;
  readonly made: Set<DerivationId>;
  readonly outside: Set<string>;
  readonly ownPlatforms: Map<string, PackageSetPlatforms>;
  readonly platforms: Map<string, PackageSetPlatforms>;
  readonly givenBy: Set<number>;
  readonly shadowed: Map<number, Set<System>>;
}

/** Turns the traces of a probed evaluation into observations, in the order of the source. Yields now and then. */
export function* gatherObservations(
  traces: Iterable<string>,
  nonce: string,
  probes: ReadonlyMap<string, Probe>,
  sources: ReadonlyMap<string, SourceFile>,
  graph: DerivationGraph,
): Steps<ProbeFindings> {
  const gathered = new Map<string, Gathered>();
  const usedDefaults: SourceRange[] = [];
  const used = new Set<string>();
  const platforms = new Map<DerivationId, EvaluatedPlatforms | undefined>();
  let seen = 0;
  for (const trace of traces) {
    if (++seen % tracesOfStep === 0) yield;
    const report = decodeProbeReport(trace, nonce);
    const probe = report && probes.get(report.key);
    if (!report || !probe) continue;
    if (report.storePath === 'used') {
      const source = sources.get(probe.file);
      if (source && !used.has(report.key)) usedDefaults.push(rangeIn(source, probe.span));
      used.add(report.key);
      continue;
    }
    let entry = gathered.get(report.key);
    if (!entry) {
      entry = {
        derivations: new Set(),
        made: new Set(),
        outside: new Set(),
        ownPlatforms: new Map(),
        platforms: new Map(),
        givenBy: new Set(),
        shadowed: new Map(),
      };
      gathered.set(report.key, entry);
    }
    const derivation = addReport(entry, report, graph);
    if (derivation !== undefined && report.stdenv) addPlatforms(platforms, derivation, report.stdenv);
  }

  const byFile = new Map<string, Observation[]>();
  for (const [key, entry] of gathered) {
    if (++seen % tracesOfStep === 0) yield;
    const probe = probes.get(key);
    const source = probe && sources.get(probe.file);
    if (!probe || !source) continue;
    const ofFile = byFile.get(probe.file);
    if (ofFile) ofFile.push(observation(probe, source, entry));
    else byFile.set(probe.file, [observation(probe, source, entry)]);
  }
  const observations: Observation[] = [];
  // Files are put in order before what is in them: there are fewer of them, and names are slow to compare.
  for (const [, ofFile] of yield* sortInSteps([...byFile], ([a], [b]) => a.localeCompare(b))) {
    yield;
    ofFile.sort((a, b) => comparePositions(a.source.range.start, b.source.range.start));
    for (const one of ofFile) observations.push(one);
  }
  // What was only made of a value says nothing of the expression itself.
  const fired = [...gathered.values()].filter(
    ({ derivations, outside, ownPlatforms }) => derivations.size + outside.size + ownPlatforms.size > 0,
  ).length;
  const agreed = [...platforms].flatMap(([id, known]) => (known ? [[id, known] as const] : []));
  return { observations, usedDefaults, platforms: new Map(agreed), fired: fired + used.size };
}

/** After how many traces others may have their turn. */
const tracesOfStep = 100;

/** The files that the evaluation read: of each of them at least the outermost value was needed. Yields now and then. */
export function* gatherReadFiles(
  traces: Iterable<string>,
  nonce: string,
  readers: ReadonlyMap<string, string>,
): Steps<string[]> {
  const read = new Set<string>();
  let seen = 0;
  for (const trace of traces) {
    if (++seen % tracesOfStep === 0) yield;
    const report = decodeProbeReport(trace, nonce);
    const file = report?.storePath === 'read' ? readers.get(report.key) : undefined;
    if (file !== undefined) read.add(file);
  }
  return [...read];
}

/** @returns the derivation of the closure that was reported */
function addReport(entry: Gathered, report: ProbeReport, graph: DerivationGraph): DerivationId | undefined {
  if (report.isMade) {
    const made = findDerivation(report.storePath, graph);
    if (made !== undefined) entry.made.add(made);
    return undefined;
  }
  const isSet = report.storePath === 'set';
  const derivation = isSet ? undefined : addDerivation(entry, report.storePath, graph);
  if (report.hostSystem !== '') {
    const build = report.buildSystem === '' ? report.hostSystem : report.buildSystem;
    const host = report.hostSystem;
    const target = report.targetSystem === '' ? host : report.targetSystem;
    (isSet ? entry.ownPlatforms : entry.platforms).set(`${build} ${host} ${target}`, { build, host, target });
  }
  if (report.withIndex >= 0) entry.givenBy.add(report.withIndex);
  report.shadowed.forEach((host, index) => {
    if (host === undefined) return;
    const hosts = entry.shadowed.get(index) ?? new Set();
    if (host !== '') hosts.add(host);
    entry.shadowed.set(index, hosts);
  });
  return derivation;
}

function addDerivation(entry: Gathered, storePath: string, graph: DerivationGraph): DerivationId | undefined {
  const id = findDerivation(storePath, graph);
  if (id === undefined) entry.outside.add(storePath);
  else entry.derivations.add(id);
  return id;
}

function findDerivation(storePath: string, graph: DerivationGraph): DerivationId | undefined {
  return storePath.endsWith('.drv') ? graph.findByDrvPath(storePath) : graph.findByOutputPath(storePath);
}

/**
 * One derivation may be made with several `stdenv`s that have one path. What
 * they do not agree on says nothing: of a native package the target platform.
 */
function addPlatforms(
  platforms: Map<DerivationId, EvaluatedPlatforms | undefined>,
  id: DerivationId,
  { build, host, target }: PackageSetPlatforms,
): void {
  const isFirst = !platforms.has(id);
  const known = platforms.get(id);
  if (isFirst) platforms.set(id, target === '' ? { build, host } : { build, host, target });
  else if (known?.build !== build || known.host !== host) platforms.set(id, undefined);
  else if (known.target !== target) platforms.set(id, { build, host });
}

function observation(probe: Probe, source: SourceFile, entry: Gathered): Observation {
  const environment = (index: number): SourceRange[] => {
    const expression = probe.withs?.[index];
    return expression ? [rangeIn(source, expression.environment)] : [];
  };
  const givenBy = [...entry.givenBy].flatMap(environment);
  const shadowed = [...entry.shadowed].flatMap(([index, hosts]): ShadowedWith[] =>
    environment(index).map((range) => ({ environment: range, hosts: [...hosts] })),
  );
  const candidates = [...entry.givenBy].flatMap((index) => probe.withs?.[index]?.environment ?? []);
  const base = probe.base ?? candidates[0];
  const packageSet = base && observedSet(source, base, entry.platforms);
  const ownPackageSet = observedSet(source, probe.self ?? probe.span, entry.ownPlatforms);
  return {
    source: rangeIn(source, probe.span),
    form: probe.form,
    text: textOf(source, probe.span),
    derivations: [...entry.derivations],
    ...(packageSet ? { packageSet } : {}),
    ...(ownPackageSet ? { ownPackageSet } : {}),
    ...(entry.made.size > 0 ? { made: [...entry.made] } : {}),
    ...(entry.outside.size > 0 ? { outside: [...entry.outside] } : {}),
    ...(givenBy.length > 0 ? { givenBy } : {}),
    ...(shadowed.length > 0 ? { shadowed } : {}),
  };
}

/** A package set where an expression names it; undefined where it did not tell its platforms. */
function observedSet(
  source: SourceFile,
  at: Expression | Span,
  platforms: ReadonlyMap<string, PackageSetPlatforms>,
): ObservedPackageSet | undefined {
  if (platforms.size === 0) return undefined;
  const named = 'kind' in at ? unwrap(at) : undefined;
  const bindings = named?.kind === 'variable' ? bindingSpans(named.name, source.scopes.scopeOf(named)) : [];
  return {
    source: rangeIn(source, at),
    platforms: [...platforms.values()],
    boundAt: bindings.map((span) => rangeIn(source, span)),
  };
}
