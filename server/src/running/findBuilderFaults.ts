import { access } from 'node:fs/promises';
import type { JudgementContext } from '../model/judgementContext.ts';
import { isForeignTo } from '../check/foreign.ts';
import { findUnbuildable, judgeUnbuildable } from '../check/unbuildable.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { BuildConfiguration } from '../model/buildConfiguration.ts';
import type { DerivationFault } from '../model/judgement.ts';
import { inSlices } from '../model/slices.ts';
import type { EvaluationRequest } from '../model/target.ts';
import { decidingOptions, readConfiguration } from '../nix/nixConfiguration.ts';
import type { ProcessOptions } from '../nix/runNix.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';

/**
 * Nix's settings as a target's own options change them.
 *
 * @throws NixFailure
 */
export async function buildConfigurationFor(
  { target }: EvaluationRequest,
  { nix, configuration }: NixEnvironment,
  options: ProcessOptions,
): Promise<BuildConfiguration> {
  const given = target.kind === 'derivation' ? [] : decidingOptions(target.arguments.option);
  return (given.length === 0 ? configuration : await readConfiguration(nix, options, given)).builders;
}

/**
 * What nobody here can build and is not in the store already.
 *
 * @throws the signal's reason when it is aborted
 */
export async function findBuilderFaults(
  graph: DerivationGraph,
  context: JudgementContext,
  configuration: BuildConfiguration,
  signal: AbortSignal,
): Promise<DerivationFault[]> {
  const unbuildable = await inSlices(
    findUnbuildable(graph, configuration, isForeignTo(graph, context)),
    signal,
  );
  if (unbuildable.derivations.length === 0) return [];
  const inStore = await existing(unbuildable.outputPaths, signal);
  return inSlices(judgeUnbuildable(graph, unbuildable, configuration, inStore), signal);
}

/** Files that are looked at together: Node has four threads for them. */
const atOnce = 64;

async function existing(paths: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let start = 0; start < paths.length; start += atOnce) {
    const looked = paths.slice(start, start + atOnce).map((path) =>
      access(path).then(
        () => found.add(path),
        () => undefined,
      ),
    );
    await Promise.all(looked);
    signal.throwIfAborted();
  }
  return found;
}
