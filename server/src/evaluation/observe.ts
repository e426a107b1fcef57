import type { DerivationGraph } from '../derivation/graph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { SourceRange } from '../model/location.ts';
import type { Observation, PackageSetPlatforms, ShadowedWith } from '../model/observation.ts';
import type { System } from '../model/system.ts';
import { rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { decodeReport, type Probe, type ProbeReport } from './probes.ts';

/** What the probes of one evaluation said. */
export interface ProbeFindings {
  readonly observations: readonly Observation[];
  /** Formals' defaults that were used. */
  readonly usedDefaults: readonly SourceRange[];
  /** Number of probes that reported at least once. */
  readonly fired: number;
}

interface Gathered {
  readonly derivations: Set<DerivationId>;
  readonly platforms: Map<string, PackageSetPlatforms>;
  readonly givenBy: Set<number>;
  readonly shadowed: Map<number, Set<System>>;
}

/** Turns the traces of a probed evaluation into observations, in the order of the source. */
export function gatherObservations(
  traces: Iterable<string>,
  nonce: string,
  probes: ReadonlyMap<number, Probe>,
  sources: ReadonlyMap<string, SourceFile>,
  graph: DerivationGraph,
): ProbeFindings {
  const gathered = new Map<number, Gathered>();
  const usedDefaults: SourceRange[] = [];
  const used = new Set<number>();
  for (const trace of traces) {
    const report = decodeReport(trace, nonce);
    const probe = report && probes.get(report.id);
    if (!report || !probe) continue;
    if (report.storePath === 'used') {
      const source = sources.get(probe.file);
      if (source && !used.has(report.id)) usedDefaults.push(rangeIn(source, probe.span));
      used.add(report.id);
      continue;
    }
    let entry = gathered.get(report.id);
    if (!entry) {
      entry = { derivations: new Set(), platforms: new Map(), givenBy: new Set(), shadowed: new Map() };
      gathered.set(report.id, entry);
    }
    addReport(entry, report, graph);
  }

  const observations = [...gathered].flatMap(([id, entry]): Observation[] => {
    const probe = probes.get(id);
    const source = probe && sources.get(probe.file);
    return probe && source ? [observation(probe, source, entry)] : [];
  });
  observations.sort(
    (a, b) =>
      a.source.file.localeCompare(b.source.file) ||
      a.source.range.start.line - b.source.range.start.line ||
      a.source.range.start.character - b.source.range.start.character,
  );
  return { observations, usedDefaults, fired: gathered.size + used.size };
}

function addReport(entry: Gathered, report: ProbeReport, graph: DerivationGraph): void {
  const id = report.storePath.endsWith('.drv')
    ? graph.findByDrvPath(report.storePath)
    : graph.findByOutputPath(report.storePath);
  if (id !== undefined) entry.derivations.add(id);
  if (report.hostSystem !== '') {
    const build = report.buildSystem === '' ? report.hostSystem : report.buildSystem;
    const host = report.hostSystem;
    const target = report.targetSystem === '' ? host : report.targetSystem;
    entry.platforms.set(`${build} ${host} ${target}`, { build, host, target });
  }
  if (report.withIndex >= 0) entry.givenBy.add(report.withIndex);
  report.shadowed.forEach((host, index) => {
    if (host === undefined) return;
    const hosts = entry.shadowed.get(index) ?? new Set();
    if (host !== '') hosts.add(host);
    entry.shadowed.set(index, hosts);
  });
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
  const setSource = probe.base ? rangeIn(source, probe.base) : givenBy[0];
  return {
    source: rangeIn(source, probe.span),
    form: probe.form,
    text: textOf(source, probe.span),
    derivations: [...entry.derivations],
    ...(setSource && entry.platforms.size > 0
      ? {
          packageSet: {
            source: setSource,
            platforms: [...entry.platforms.values()],
            ...(probe.boundAt ? { boundAt: rangeIn(source, probe.boundAt) } : {}),
          },
        }
      : {}),
    ...(givenBy.length > 0 ? { givenBy } : {}),
    ...(shadowed.length > 0 ? { shadowed } : {}),
  };
}
