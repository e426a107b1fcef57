import { compatibilitiesOf } from '../check/compatibilities.ts';
import { crossBuildOf } from '../check/scripts/crossBuilds.ts';
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
    const build = crossBuildOf(consumer, graph, compatibilities, texts);
    if (build) {
      const compiler = findMissingCompiler(build, graph, compatibilities, texts, parser);
      const program = findStartedOwnProgram(build, parser);
      faults.push(...[compiler, program].filter((fault) => fault !== undefined));
    }
    await slice.giveWayIfOver();
  }
  return faults;
}
