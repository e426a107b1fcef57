import type { TracedCause } from '../attribution/describeCause.ts';
import { findSource } from '../attribution/findSource.ts';
import { EvidenceIndex } from '../attribution/evidence.ts';
import type { PlacedExpression } from '../attribution/placedExpression.ts';
import { platformsOfLeak } from '../check/leaks.ts';
import { shortestPaths } from '../check/shortestPaths.ts';
import type { DerivationId } from '../model/derivation.ts';
import { placeKey, type SourceRange } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';
import type { AttributedLeak, Report } from '../model/report.ts';
import type { Steps } from '../model/slices.ts';
import type { NixParser } from '../syntax/parser.ts';
import { placeAt } from './placeAt.ts';
import { parseSourceInSteps, type SourceFile } from '../syntax/sourceFile.ts';

/** The expression that chose the platform of consumers of a leak. */
export interface ConsumerCause {
  readonly cause: TracedCause;
  readonly place: PlacedExpression;
  /** The names of the consumers that have their platform from it. */
  readonly names: readonly string[];
}

/** What is made once for a report. */
interface Parts {
  readonly index: EvidenceIndex;
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly pathTo: (id: DerivationId) => readonly DerivationId[];
}

/** So many consumers of a cause are followed. */
const mostConsumers = 6;

/**
 * Follows the consumers of leaks, and not their inputs, to what chose their
 * platform. The files of the workspace are parsed when it is first asked.
 */
export class ConsumerEnds {
  readonly #report: Report;
  readonly #parser: NixParser;
  readonly #known: ReadonlyMap<string, SourceFile>;
  readonly #observedAs: ReadonlyMap<DerivationId, readonly Observation[]>;
  #parts: Parts | undefined;

  /** @param known the files that were parsed already */
  constructor(
    report: Report,
    parser: NixParser,
    known: ReadonlyMap<string, SourceFile>,
    observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  ) {
    this.#report = report;
    this.#parser = parser;
    this.#known = known;
    this.#observedAs = observedAs;
  }

  /** The causes of the consumers' platforms, without repetition; none that is told of the leaks themselves. */
  *of(leaks: readonly AttributedLeak[], own: SourceRange | undefined): Steps<ConsumerCause[]> {
    const { graph } = this.#report;
    const { index, sources, pathTo } = (this.#parts ??= yield* this.#read());
    const causes = new Map<string, ConsumerCause>();
    const seen = new Set<DerivationId>();
    for (const leak of leaks) {
      const { needs, runsOn } = platformsOfLeak(leak);
      for (const { consumer } of leak.edges) {
        if (seen.has(consumer) || seen.size >= mostConsumers) continue;
        seen.add(consumer);
        const sought = {
          input: consumer,
          path: pathTo(consumer),
          expected: runsOn,
          wrong: [...new Set([graph.system(consumer), ...needs])],
        };
        const { cause } = yield* findSource(sought, graph, this.#observedAs, index);
        const place = cause?.source && placeAt(cause.source, sources);
        if (!cause?.source || !place || cause.kind === 'unknown') continue;
        const key = placeKey(cause.source);
        if (own && key === placeKey(own)) continue;
        const { name } = graph.derivation(consumer);
        causes.set(key, { cause, place, names: [...(causes.get(key)?.names ?? []), name] });
      }
    }
    return [...causes.values()];
  }

  *#read(): Steps<Parts> {
    const { request, sources: texts, observations, usedDefaults = [], evaluatedAs, graph } = this.#report;
    const sources = new Map<string, SourceFile>();
    for (const [file, text] of texts) {
      sources.set(file, this.#known.get(file) ?? (yield* parseSourceInSteps(file, text, this.#parser)));
      yield;
    }
    const { target } = request;
    const given = target.kind === 'derivation' ? [] : [...target.arguments.arg, ...target.arguments.argstr];
    const givenArguments = new Set(given.map(([name]) => name));
    const evidence = { sources, observations, usedDefaults, givenArguments, evaluatedAs };
    return { index: yield* EvidenceIndex.of(evidence), sources, pathTo: shortestPaths(graph) };
  }
}
