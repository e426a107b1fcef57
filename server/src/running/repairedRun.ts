import type { ScriptTexts } from '../check/scripts/derivationScripts.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { DerivationGraph, EvaluatedPlatforms } from '../model/derivationGraph.ts';
import type { Judgement } from '../model/judgement.ts';
import type { Report } from '../model/report.ts';
import { inSlices, type Steps } from '../model/slices.ts';
import { storeOfTarget } from '../nix/storeOfTarget.ts';
import type { SourceFileCache } from '../probing/workspaceFiles.ts';
import { copyEdited, type EditedFiles } from './editedRun.ts';
import { ownInputsAsBefore } from './ownInputs.ts';
import { judgeRun } from './judgeRun.ts';
import { readClosure, type RunParts } from './runParts.ts';
import { StoreTexts } from './storeTexts.ts';

/** A closure with its judgement, and what its builders are given. */
export interface JudgedClosure extends Pick<Report, 'graph' | 'judgement'> {
  /** Undefined where the .drv cannot be read. */
  readonly scriptOf: ScriptTexts['scriptOf'];
}

/** A closure, and what the repaired source evaluates to. */
export interface RepairedClosures {
  readonly before: JudgedClosure;
  readonly after: JudgedClosure;
}

/** Evaluates repaired texts and judges the closure; nothing is observed. */
export async function runRepaired(
  { graph: unrepaired, judgement: ofUnrepaired }: Pick<Report, 'graph' | 'judgement'>,
  edited: EditedFiles,
  parts: RunParts,
  sourceCache: SourceFileCache,
): Promise<RepairedClosures> {
  const { request, options, environment, shellParser } = parts;
  const drvPath = await (await copyEdited(edited, parts, sourceCache)).evaluate();
  const closure = await readClosure(drvPath, request, environment, options, unrepaired);
  const graph = closure.withPlatforms(await inSlices(evaluatedBefore(closure, unrepaired), options.signal));
  // What stayed as it was is as right or wrong as before, and nothing that changed is used by it.
  const isNew = (id: DerivationId): boolean =>
    unrepaired.findByDrvPath(graph.derivation(id).drvPath) === undefined;
  const { judgement } = await judgeRun(
    graph,
    request,
    environment,
    shellParser,
    options.signal,
    ownInputsAsBefore(ofUnrepaired, unrepaired, graph),
    isNew,
  );
  const { folder } = storeOfTarget(request.target, environment);
  const closureOf = (of: DerivationGraph, judged: Judgement): JudgedClosure => ({
    graph: of,
    judgement: judged,
    scriptOf: new StoreTexts(of, folder).scriptOf,
  });
  return { before: closureOf(unrepaired, ofUnrepaired), after: closureOf(graph, judgement) };
}

/** The platforms of derivations that are in the unrepaired closure as well, as far as they were evaluated there. */
function* evaluatedBefore(
  closure: DerivationGraph,
  unrepaired: DerivationGraph,
): Steps<ReadonlyMap<DerivationId, EvaluatedPlatforms>> {
  const platforms = new Map<DerivationId, EvaluatedPlatforms>();
  for (let id = 0; id < closure.size; id++) {
    yield;
    const same = unrepaired.findByDrvPath(closure.derivation(id).drvPath);
    if (same === undefined) continue;
    const { system: build, host, target } = unrepaired.derivation(same);
    if (host.kind !== 'system' || host.certainty !== 'evaluated') continue;
    platforms.set(id, { build, host: host.system, ...(target && { target: target.system }) });
  }
  return platforms;
}
