import { attributeLeaks } from '../attribution/attributeLeaks.ts';
import { indexByDerivation } from '../attribution/findSource.ts';
import { intendedSystem } from '../check/intended/intendedSystem.ts';
import { isForeignTo } from '../check/foreign.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { Report } from '../model/report.ts';
import { inSlices } from '../model/slices.ts';
import type { EvaluationRequest } from '../model/target.ts';
import { evaluatedSystem, judgeRun } from './judgeRun.ts';
import type { ObservedRun } from './observeRun.ts';
import { ownInputs } from './ownInputs.ts';
import type { RunParts } from './runParts.ts';

/** Judges a closure, and finds the source of what is wrong in it. */
export async function reportOn(
  closure: DerivationGraph,
  { sources, filesRead, findings, probes }: ObservedRun,
  { request, options, environment, shellParser }: RunParts,
  { mark, timings }: { readonly mark: (step: string) => void; readonly timings: ReadonlyMap<string, number> },
): Promise<Report> {
  // Only now: what was evaluated makes sure of what was inferred.
  const graph = closure.withPlatforms(findings.platforms);
  const observedAs = await inSlices(indexByDerivation(findings.observations), options.signal);
  const { judgement, context, builders } = await judgeRun(
    graph,
    request,
    environment,
    shellParser,
    options.signal,
    ownInputs(observedAs),
  );
  mark('judged');

  const evaluatedAs = evaluatedSystem(request, environment);
  const meantFor = intendedSystem({ request, evaluatedAs, graph });
  const attributing = attributeLeaks(
    judgement.leaks,
    graph,
    {
      sources,
      observations: findings.observations,
      usedDefaults: findings.usedDefaults,
      givenArguments: givenArguments(request),
      evaluatedAs,
      ...(meantFor !== undefined && { meantFor }),
    },
    observedAs,
    isForeignTo(graph, context),
  );
  const attributed = await inSlices(attributing, options.signal);
  mark('attributed');
  return {
    request,
    evaluatedAs,
    graph,
    judgement,
    ...attributed,
    observations: findings.observations,
    usedDefaults: findings.usedDefaults,
    probes,
    timings,
    sources: new Map([...sources].map(([file, source]) => [file, source.text])),
    ...(filesRead && { filesRead }),
    context,
    ...(builders && { builders }),
  };
}

function givenArguments({ target }: EvaluationRequest): ReadonlySet<string> {
  if (target.kind === 'derivation') return new Set();
  return new Set([...target.arguments.arg, ...target.arguments.argstr].map(([name]) => name));
}
