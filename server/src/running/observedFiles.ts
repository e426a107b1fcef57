import { dirname, join } from 'node:path';
import {
  collectWorkspaceFiles,
  isBelow,
  packageSetAround,
  type SourceFileCache,
  type WorkspaceLayout,
} from '../probing/workspaceFiles.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import type { EvaluationPlan } from './plan.ts';

/** The files whose expressions are observed, and where they are. */
export interface ObservedFiles {
  readonly layout: WorkspaceLayout;
  readonly files: ReadonlyMap<string, SourceFile>;
}

/**
 * The workspace's own files. Where the workspace is a package set, such as a
 * checkout of nixpkgs, these are the files of the package that is evaluated:
 * whoever works on the set works on those.
 */
export async function observedFiles(
  plan: EvaluationPlan,
  overlays: ReadonlyMap<string, string>,
  sourceCache: () => Promise<SourceFileCache>,
  signal: AbortSignal,
): Promise<ObservedFiles> {
  const { layout: own, entries } = await plan.workspace(signal);
  const layout = { ...own, overlays };
  if (entries.length === 0) return { layout, files: new Map() };
  const cache = await sourceCache();
  const files = await collectWorkspaceFiles(entries, layout, cache);
  const set = files.size === 0 && plan.ownFiles ? await packageSetAround(entries, layout) : undefined;
  if (set === undefined || !plan.ownFiles) return { layout, files };
  const ofSet = { ...layout, root: set, evaluatedRoot: set, isMirrored: true };
  const places = (await plan.ownFiles(signal)).filter((file) => isBelow(file, set));
  const folders = places
    .map((file) => dirname(file))
    .filter((folder) => folder !== join(set, 'pkgs', 'top-level'));
  const isOwn = (file: string): boolean => folders.some((folder) => isBelow(file, folder));
  return { layout: ofSet, files: await collectWorkspaceFiles(places.filter(isOwn), ofSet, cache, isOwn) };
}
