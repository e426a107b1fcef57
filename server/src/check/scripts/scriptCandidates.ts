import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { perStep, type Steps } from '../../model/slices.ts';
import type { System } from '../../model/system.ts';
import { compatibilitiesOf } from '../compatibilities.ts';
import type { JudgementContext } from '../../model/judgementContext.ts';
import { knownHost } from '../hostSystems.ts';

/** A cross-compiled derivation whose scripts may use an input on the wrong side of the build. */
export interface ScriptCandidate {
  readonly consumer: DerivationId;
  readonly build: System;
  readonly host: System;
  /** Inputs that do not run where the consumer is built. */
  readonly hostInputs: ReadonlySet<DerivationId>;
  /** Inputs that run where the consumer is built, and not where its outputs run. */
  readonly buildInputs: ReadonlySet<DerivationId>;
}

/**
 * Finds the derivations whose scripts are worth reading: those whose host
 * platform is known and cannot run on their build platform, with an input that
 * runs on one of the two only.
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
    const build = derivation.system;
    const host = knownHost(derivation);
    if (host === undefined || canRun(host, build) || derivation.setupHookOnly === true) continue;
    const hostInputs = new Set<DerivationId>();
    const buildInputs = new Set<DerivationId>();
    for (const id of graph.inputIds(consumer)) {
      const runsOn = knownHost(graph.derivation(id));
      if (runsOn === undefined) continue;
      if (!canRun(runsOn, build)) hostInputs.add(id);
      else if (!canRun(runsOn, host)) buildInputs.add(id);
    }
    if (hostInputs.size + buildInputs.size > 0)
      candidates.push({ consumer, build, host, hostInputs, buildInputs });
  }
  return candidates;
}
