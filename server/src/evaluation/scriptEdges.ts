import { setImmediate } from 'node:timers/promises';
import type { JudgementContext } from '../check/compatibilities.ts';
import { judgeScripts, type JudgedScripts } from '../check/judgeScripts.ts';
import { scriptEdgesOf } from '../check/scriptEdgesOf.ts';
import { findScriptCandidates } from '../check/scriptCandidates.ts';
import type { DerivationGraph } from '../derivation/graph.ts';
import type { CrossingEdge } from '../model/judgement.ts';
import type { ShellParser } from '../shell/shellParser.ts';
import { StoreTexts } from './storeTexts.ts';

/** How long the event loop may be kept at a stretch. */
const sliceMilliseconds = 10;

/**
 * Reads the scripts of a closure's cross-compiled derivations and finds the
 * edges that they break. The parser is loaded only where there is a script to read.
 *
 * @throws the signal's reason when it is aborted
 */
export async function findScriptEdges(
  graph: DerivationGraph,
  context: JudgementContext,
  loadParser: () => Promise<ShellParser>,
  signal: AbortSignal,
): Promise<CrossingEdge[]> {
  const candidates = findScriptCandidates(graph, context);
  if (candidates.length === 0) return [];
  const parser = await loadParser();
  const texts = new StoreTexts(graph);
  const judged: JudgedScripts[] = [];
  let start = performance.now();
  for (const candidate of candidates) {
    const scripts = judgeScripts(candidate, graph, texts, parser);
    if (scripts) judged.push(scripts);
    if (performance.now() - start < sliceMilliseconds) continue;
    await setImmediate();
    signal.throwIfAborted();
    start = performance.now();
  }
  return scriptEdgesOf(judged, graph, texts, parser);
}
