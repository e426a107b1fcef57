import { dirname } from 'node:path';

import type { RunOptions } from '../running/runParts.ts';
import { fittingMemoryLimit } from '../nix/process/machineMemory.ts';
import type { Evaluation, Snapshot, TargetEntry } from '../snapshot/snapshot.ts';
import type { Run } from './evaluationRun.ts';

/** The workspace's folders; where an editor opened a single file, that file's folder. */
export function workspaceFolders({ workspaceRoots, documents }: Snapshot): readonly string[] {
  if (workspaceRoots.length > 0) return workspaceRoots;
  return [...new Set([...documents.keys()].map((file) => dirname(file)))];
}

/** Beside an editor, no evaluation may take more unless somebody says so, in MiB. */
const mostMemory = 8192;

/** What Nix may use, as the settings say. */
export function limitsOfSettings({ settings }: Snapshot): RunOptions['limits'] {
  return {
    timeoutMs: settings['evaluation.timeout'] * 1000,
    memoryLimitMiB: settings['evaluation.memoryLimit'] || fittingMemoryLimit(mostMemory),
    allowImportFromDerivation: settings['evaluation.allowImportFromDerivation'],
  };
}

/** What a target may name: of a person's own, anything; else what lies in the workspace, and what they allowed. */
export function confinementOf({ isOwn }: TargetEntry, snapshot: Snapshot): Pick<RunOptions, 'confinement'> {
  if (isOwn) return {};
  return { confinement: { roots: workspaceFolders(snapshot), allowed: snapshot.allowedPaths } };
}

/** How a run may evaluate. */
export function runOptions(run: Run, { entry }: Evaluation, snapshot: Snapshot): RunOptions {
  const workspaceRoots = workspaceFolders(snapshot);
  return {
    workspaceRoots,
    directory: workspaceRoots[0] ?? process.cwd(),
    signal: run.signal,
    onProgress: (step) => (run.step = step),
    limits: limitsOfSettings(snapshot),
    ...confinementOf(entry, snapshot),
  };
}
