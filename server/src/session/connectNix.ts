import { dirname } from 'node:path';

import { findSystemDependence } from '../attribution/findSystemDependence.ts';
import type { PolicedReport } from '../check/policy.ts';
import { lazyNixEnvironment as connectEnvironment, type NixEnvironment } from '../nix/nixEnvironment.ts';
import { Asker } from '../asking/asker.ts';
import { requireConfined } from '../permissions/confinement.ts';
import { createEvaluator } from '../running/evaluator.ts';
import { findAllTargets } from '../targets/search/findAllTargets.ts';
import { listGroup } from '../targets/search/flakeTargets.ts';
import { placeOfTarget } from '../targets/search/placeOfTarget.ts';
import type { Fix } from '../fixes/fix.ts';
import { proposeFixes } from '../fixes/proposeFixes.ts';
import { ProofCache } from '../fixes/proof/proofCache.ts';
import type { JudgedTrial } from '../fixes/proof/trial.ts';
import { proveFixes } from '../fixes/proveFixes.ts';
import { fetchInputs } from '../nix/fetchInputs.ts';
import { NixUnavailableError } from '../nix/installation.ts';
import { fittingMemoryLimit } from '../nix/process/machineMemory.ts';
import { verifyDerivation } from '../realised/verifyDerivation.ts';
import type { ShellParser } from '../shell/shellParser.ts';
import type { NixParser } from '../syntax/parser.ts';
import type { NixConnection, NixFound, RepairPreferences } from './parts.ts';
import { inSlices } from '../model/slices.ts';

/**
 * Connects the session with Nix itself.
 *
 * @param nixDirectory the folder of Nix's programs; undefined: they are looked up
 */
export function connectNix(
  nixDirectory: string | undefined,
  loadParser: () => Promise<NixParser>,
  shellParser: () => Promise<ShellParser>,
): NixConnection {
  let isUnavailable = false;
  let nixFound: NixFound | undefined;
  const connect = connectEnvironment({
    parser: loadParser,
    ...(nixDirectory !== undefined && { directory: nixDirectory }),
  });
  const environment = async (signal?: AbortSignal): Promise<NixEnvironment> => {
    try {
      const found = await connect(signal);
      isUnavailable = false;
      const { version, commands } = found.nix;
      nixFound = { version, directory: dirname(commands.nixInstantiate ?? '') };
      return found;
    } catch (error) {
      isUnavailable = error instanceof NixUnavailableError;
      throw error;
    }
  };
  const cache = new ProofCache<JudgedTrial>();
  const evaluator = createEvaluator({ parser: loadParser, shellParser, environment });
  return {
    evaluator,
    isUnavailable: () => isUnavailable,
    found: () => nixFound,
    findTargets: async (options) => findAllTargets(options, await environment(options.signal)),
    listGroup: async (group, options) => listGroup(group, await environment(options.signal), options),
    fetchInputs: async (flake, signal) => {
      const { nix } = await environment(signal);
      await fetchInputs(nix, flake, { signal, memoryLimitMiB: fittingMemoryLimit() });
    },
    placeOf: async (target) => placeOfTarget(target, await loadParser()),
    proposeFixes: async (report, preferences) => unproven(report, await loadParser(), preferences),
    proveFixes: async (subjects, isWanted, signal, preferences) =>
      proveFixes(subjects, await loadParser(), evaluator, {
        ...preferences,
        signal,
        isWanted,
        cache,
      }),
    compareSystems: async (one, other) => findSystemDependence(one, other, await loadParser()),
    openAsker: async (request, options) => {
      const found = await environment();
      await requireConfined(request.target, options, found.parser);
      return new Asker(request, found, options);
    },
    verifyOutputs: async (report, derivation, { signal, limits: { timeoutMs } }) => {
      // What the target is expected to be for is said of its root.
      const expect = derivation === report.graph.root ? report.request.expect : undefined;
      const wishes = { signal, timeoutMs };
      return verifyDerivation(report, derivation, expect, await environment(signal), wishes);
    },
    readBuildConfiguration: async () => (await environment()).configuration.builders,
  };
}

async function unproven(
  report: PolicedReport,
  parser: NixParser,
  preferences: RepairPreferences,
): Promise<Fix[]> {
  const proposals = await inSlices(proposeFixes(report, parser, preferences));
  return proposals.flatMap(({ leaks, candidates }) =>
    candidates.map(({ title, edits }) => ({
      title,
      edits,
      repairs: leaks.map(({ input }) => input),
      proof: { kind: 'unproven' as const, reason: 'it was not evaluated yet' },
    })),
  );
}
