import { judgementContext, type JudgementContext } from '../model/judgementContext.ts';
import { judgeIntended } from '../check/intended/judgeIntended.ts';
import { isPortableFile } from '../check/scripts/hostPrograms.ts';
import { reasonOfHarmlessness } from '../check/excuses/harmlessTools.ts';
import { namesProgramOf } from '../check/scripts/namedPrograms.ts';
import { judgeInSteps } from '../check/judge.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { BuildConfiguration } from '../model/buildConfiguration.ts';
import type { Judgement } from '../model/judgement.ts';
import { inSlices } from '../model/slices.ts';
import type { System } from '../model/system.ts';
import type { EvaluationRequest } from '../model/target.ts';
import type { ShellParser } from '../shell/shellParser.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import { findBuildFaults } from './buildFaults.ts';
import type { IsOwnInput } from './ownInputs.ts';
import { findScriptEdges } from './scriptEdges.ts';
import { storeOfTarget } from '../nix/storeOfTarget.ts';
import { StoreTexts } from './storeTexts.ts';
import { buildConfigurationFor, findBuilderFaults } from './findBuilderFaults.ts';

/** A closure as it was judged, and what was known of the machine that judged it. */
export interface JudgedRun {
  readonly judgement: Judgement;
  readonly context: JudgementContext;
  /** Undefined where it was evaluated as another machine than this one, whose settings are not known. */
  readonly builders?: BuildConfiguration;
}

/**
 * Judges a closure by its edges, by what it is for, and by who can build it.
 *
 * @param isOwnInput which inputs stand in the person's own files
 * @param readsScriptOf of which derivations the scripts are read; left out: of all that matter
 */
export async function judgeRun(
  graph: DerivationGraph,
  request: EvaluationRequest,
  environment: NixEnvironment,
  shellParser: () => Promise<ShellParser>,
  signal: AbortSignal,
  isOwnInput: IsOwnInput,
  readsScriptOf: (id: DerivationId) => boolean = () => true,
): Promise<JudgedRun> {
  const evaluatedAs = evaluatedSystem(request, environment);
  const builders =
    evaluatedAs === environment.system
      ? await buildConfigurationFor(request, environment, { signal })
      : undefined;
  const context = builders
    ? judgementContext(builders)
    : judgementContext(environment.configuration.builders);
  const texts = new StoreTexts(graph, storeOfTarget(request.target, environment).folder);
  const intended = await inSlices(
    judgeIntended(graph, context, { request, evaluatedAs }, texts.variablesOf),
    signal,
  );
  const unbuildable = builders ? await findBuilderFaults(graph, context, builders, signal) : [];
  const scriptEdges = await findScriptEdges(
    graph,
    context,
    texts,
    shellParser,
    signal,
    readsScriptOf,
    isOwnInput,
  );
  const lacking = await findBuildFaults(graph, context, texts, shellParser, signal, readsScriptOf);
  const judging = judgeInSteps(graph, context, {
    ...intended,
    isPortable: (input) => isPortableFile(input, graph, texts),
    excuse: (edge) => reasonOfHarmlessness(edge, graph, texts),
    namesProgramOf: (consumer, input) => namesProgramOf(consumer, input, graph, texts),
    furtherEdges: [...intended.furtherEdges, ...scriptEdges],
    faults: [...intended.faults, ...lacking, ...unbuildable],
  });
  const judgement = await inSlices(judging, signal);
  return { judgement, context, ...(builders && { builders }) };
}

/** `builtins.currentSystem` of a run: as asked for, by `--option system`, or this machine's. */
export function evaluatedSystem(
  { target, evaluateAs }: EvaluationRequest,
  environment: NixEnvironment,
): System {
  const options = target.kind === 'derivation' ? [] : target.arguments.option;
  return evaluateAs ?? options.findLast(([name]) => name === 'system')?.[1] ?? environment.system;
}
