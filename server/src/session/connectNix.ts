import { judgementContext } from '../model/judgementContext.ts';
import { basename, dirname, relative } from 'node:path';

import { findSystemDependence } from '../attribution/findSystemDependence.ts';
import { compatibilitiesOf } from '../check/compatibilities.ts';
import type { PolicedReport } from '../check/policy.ts';
import { lazyNixEnvironment as connectEnvironment, type NixEnvironment } from '../nix/nixEnvironment.ts';
import { Asker } from '../asking/asker.ts';
import { requireConfined } from '../permissions/confinement.ts';
import { createEvaluator } from '../running/evaluator.ts';
import { storeOfTarget } from '../nix/storeOfTarget.ts';
import { findFileTargets } from '../targets/search/fileTargets.ts';
import { findTargets } from '../targets/search/findTargets.ts';
import { listGroup } from '../targets/search/flakeTargets.ts';
import { lookInto, type FileSearch } from '../targets/search/lookInto.ts';
import { noArguments, type FoundTarget } from '../targets/search/found.ts';
import { placeOfTarget } from '../targets/search/placeOfTarget.ts';
import { scanOnce } from '../targets/search/scanWorkspace.ts';
import { targetFor } from '../targets/search/targetFor.ts';
import type { Fix } from '../fixes/fix.ts';
import { proposeFixes } from '../fixes/proposeFixes.ts';
import { ProofCache } from '../fixes/proof/proofCache.ts';
import { proveFixes, type JudgedTrial } from '../fixes/proveFixes.ts';
import { fetchInputs } from '../nix/fetchInputs.ts';
import { NixUnavailableError } from '../nix/installation.ts';
import { fittingMemoryLimit } from '../nix/process/machineMemory.ts';
import { verifyOutputs } from '../realised/verifyOutputs.ts';
import type { ShellParser } from '../shell/shellParser.ts';
import type { NixParser } from '../syntax/parser.ts';
import type { NixConnection, NixFound, RepairPreferences, SearchOptions } from './parts.ts';
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
    verifyOutputs: async ({ graph, leaks, request: { expect, target } }, derivation, { signal, limits }) => {
      const found = await environment(signal);
      const { nix, system, configuration } = found;
      const { name, folder } = storeOfTarget(target, found);
      const isExpected = expect !== undefined && derivation === graph.root;
      return verifyOutputs(
        {
          name: graph.derivation(derivation).name,
          subject: { derivation },
          graph,
          leaks,
          ...(isExpected && { expect }),
        },
        {
          nix,
          localSystem: system,
          canRun: compatibilitiesOf(judgementContext(configuration.builders)).canRun,
          signal,
          timeoutMs: limits.timeoutMs,
          ...(folder !== '' && { elsewhere: name }),
        },
      );
    },
    readBuildConfiguration: async () => (await environment()).configuration.builders,
  };
}

/** What the workspace's folders hold, and open files that can be evaluated by themselves. */
async function findAllTargets(
  { workspaceRoots, openFiles, ...search }: SearchOptions,
  environment: NixEnvironment,
): Promise<FoundTarget[]> {
  const options = { ...search, scan: scanOnce(environment.parser, search.signal) };
  const found: FoundTarget[] = [];
  for (const root of workspaceRoots) {
    // Two folders may have files of one name.
    const onPart: SearchOptions['onPart'] = (part) =>
      search.onPart(workspaceRoots.length > 1 ? { ...part, name: `${basename(root)}/${part.name}` } : part);
    found.push(...(await findTargets(root, environment, { ...options, onPart })));
  }
  for (const file of openFiles) {
    const isKnown = found.some(({ target }) => target.kind === 'file' && target.file === file);
    const root = workspaceRoots.find((candidate) => file.startsWith(`${candidate}/`));
    if (isKnown || root === undefined || basename(file) === 'flake.nix') continue;
    // Most files are no targets by themselves, but modules and packages that others use.
    const through = await targetFor(file, found, root, environment, options);
    if (through) {
      if (!found.includes(through)) {
        found.push(through);
        const name = relative(root, file);
        options.onPart({ name, isDone: true, targets: [through], groups: [] });
      }
      continue;
    }
    const search: FileSearch['search'] = (own) => findFileTargets(file, root, noArguments, environment, own);
    found.push(...(await lookInto([{ name: relative(root, file), search }], options)));
  }
  return found;
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
