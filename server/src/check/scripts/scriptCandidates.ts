import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { perStep, type Steps } from '../../model/slices.ts';
import type { System } from '../../model/system.ts';
import { compatibilitiesOf } from '../compatibilities.ts';
import type { JudgementContext } from '../../model/judgementContext.ts';
import { crossHost, knownHost } from '../hostSystems.ts';

/** A derivation whose scripts may use an input on the wrong side of the build. */
export interface ScriptCandidate {
  readonly consumer: DerivationId;
  readonly build: System;
  /** Its build platform as well, where what it makes runs where it is made. */
  readonly host: System;
  /** Inputs that do not run where the consumer is built. */
  readonly hostInputs: ReadonlySet<DerivationId>;
  /** Inputs that run where the consumer is built, and not where its outputs run. */
  readonly buildInputs: ReadonlySet<DerivationId>;
}

/**
 * Finds the derivations whose scripts are worth reading: cross-compiled ones
 * with an input that runs on their build or on their host platform only, and
 * others with an input that was cross-compiled.
 */
export function* findScriptCandidates(
  graph: DerivationGraph,
  context: JudgementContext,
): Steps<ScriptCandidate[]> {
  const { canRun } = compatibilitiesOf(context);
  const candidates: ScriptCandidate[] = [];
  for (let consumer = 0; consumer < graph.size; consumer++) {
    if (consumer % perStep === 0) yield;
    const derivation = graph.derivation(consumer);
    if (derivation.builtin || derivation.setupHookOnly === true) continue;
    const build = derivation.system;
    const known = knownHost(derivation);
    const isCross = known !== undefined && !canRun(known, build);
    const host = isCross ? known : build;
    const hostInputs = new Set<DerivationId>();
    const buildInputs = new Set<DerivationId>();
    for (const id of graph.inputIds(consumer)) {
      const input = graph.derivation(id);
      const runsOn = isCross ? knownHost(input) : crossHost(input);
      if (runsOn === undefined) continue;
      if (!canRun(runsOn, build)) hostInputs.add(id);
      else if (!canRun(runsOn, host)) buildInputs.add(id);
    }
    if (hostInputs.size + buildInputs.size > 0)
      candidates.push({ consumer, build, host, hostInputs, buildInputs });
  }
  return candidates;
}
