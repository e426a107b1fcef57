import { compatibilitiesOf } from '../check/compatibilities.ts';
import { findMissingCompiler } from '../check/scripts/missingCompilers.ts';
import { findScriptCandidates } from '../check/scripts/scriptCandidates.ts';
import { findStartedOwnProgram } from '../check/scripts/startedOwnPrograms.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationFault } from '../model/judgement.ts';
import type { JudgementContext } from '../model/judgementContext.ts';
import { inSlices, Slice } from '../model/slices.ts';
import type { ShellParser } from '../shell/shellParser.ts';
import type { StoreTexts } from './storeTexts.ts';

/**
 * Reads the scripts of a closure's cross-compiled derivations and finds those
 * that lack a compiler for their own build platform, or start what they have
 * made for the host platform.
 *
 * @param isWanted of which derivations the scripts are read
 * @throws the signal's reason when it is aborted
 */
export async function findBuildFaults(
  graph: DerivationGraph,
  context: JudgementContext,
  texts: StoreTexts,
  loadParser: () => Promise<ShellParser>,
  signal: AbortSignal,
  isWanted: (id: DerivationId) => boolean,
): Promise<DerivationFault[]> {
  const found = await inSlices(findScriptCandidates(graph, context), signal);
  const candidates = found.filter(({ consumer }) => isWanted(consumer));
  if (candidates.length === 0) return [];
  const parser = await loadParser();
  const compatibilities = compatibilitiesOf(context);
  const faults: DerivationFault[] = [];
  const slice = new Slice(signal);
  for (const { consumer } of candidates) {
    const fault = findMissingCompiler(consumer, graph, compatibilities, texts, parser);
    if (fault) faults.push(fault);
    const own = findStartedOwnProgram(consumer, graph, compatibilities, texts, parser);
    if (own) faults.push(own);
    await slice.giveWayIfOver();
  }
  return faults;
}
