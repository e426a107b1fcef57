import { basename, relative } from 'node:path';
import type { NixEnvironment } from '../../nix/nixEnvironment.ts';
import { findFileTargets } from './fileTargets.ts';
import { findTargets } from './findTargets.ts';
import { noArguments, type FoundTarget, type TargetSearchOptions } from './found.ts';
import { lookInto, type FileSearch } from './lookInto.ts';
import { scanOnce } from './scanWorkspace.ts';
import { targetFor } from './targetFor.ts';

/** A search through all that an editor has open. */
export interface WholeSearchOptions extends TargetSearchOptions {
  readonly workspaceRoots: readonly string[];
  /** Files that are open in the editor; each may hold targets of its own. */
  readonly openFiles: readonly string[];
}

/** What the workspace's folders hold, and open files that can be evaluated by themselves. */
export async function findAllTargets(
  { workspaceRoots, openFiles, ...search }: WholeSearchOptions,
  environment: NixEnvironment,
): Promise<FoundTarget[]> {
  const options = { ...search, scan: scanOnce(environment.parser, search.signal) };
  const found: FoundTarget[] = [];
  for (const root of workspaceRoots) {
    // Two folders may have files of one name.
    const onPart: TargetSearchOptions['onPart'] = (part) =>
      search.onPart?.(workspaceRoots.length > 1 ? { ...part, name: `${basename(root)}/${part.name}` } : part);
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
        options.onPart?.({ name, isDone: true, targets: [through], groups: [] });
      }
      continue;
    }
    const search: FileSearch['search'] = (own) => findFileTargets(file, root, noArguments, environment, own);
    found.push(...(await lookInto([{ name: relative(root, file), search }], options)));
  }
  return found;
}
