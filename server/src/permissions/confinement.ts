import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { RefusedTargetError, type EvaluationError } from '../model/evaluationError.ts';
import type { EvaluationTarget } from '../model/target.ts';
import type { NixParser } from '../syntax/parser.ts';
import { environmentPaths } from './environmentPaths.ts';
import { namedPaths } from './namedPaths.ts';
import { refusedOption } from './workspaceOptions.ts';

/** What a target may name that a repository's files bring in, rather than a person. */
export interface Confinement {
  /** Absolute paths of the workspace's folders. */
  readonly roots: readonly string[];
  /** Absolute paths that the person has allowed besides, with all that is in them. */
  readonly allowed: readonly string[];
}

/**
 * Makes sure that the configuration of a target sets no option that is a
 * person's to set, and names no path outside the workspace but in the store,
 * in what the person's own environment offers and in what they have allowed;
 * symbolic links are followed.
 *
 * @param options `directory`: where relative paths start; without a confinement nothing is checked
 * @throws RefusedTargetError
 */
export async function requireConfined(
  target: EvaluationTarget,
  { confinement, directory }: { readonly confinement?: Confinement; readonly directory: string },
  parser: NixParser,
): Promise<void> {
  if (!confinement) return;
  const { roots, allowed } = confinement;
  const options = target.kind === 'derivation' ? [] : target.arguments.option;
  const refusals = options.flatMap(([name, value]) => refusedOption(name, value) ?? []);
  if (refusals.length > 0)
    throw new RefusedTargetError(refusals.map((refusal) => ({ message: capitalized(refusal), refused: {} })));
  const { paths, unreadable } = namedPaths(
    target,
    target.kind === 'expression' ? target.directory : directory,
    parser,
  );
  if (unreadable.length > 0) {
    throw new RefusedTargetError(
      unreadable.map((text) => ({
        refused: {},
        message: `It cannot be told which paths ${JSON.stringify(text.slice(0, 200))} names.`,
        advice:
          'A repository’s files may name paths of the workspace only. Correct the expression, or give it yourself: on the command line, or in nixPlatformLens.targets of your own user settings.',
      })),
    );
  }
  const inside = await Promise.all([...roots, ...allowed, ...environmentPaths()].map(realPath));
  const outside = new Map<string, string>();
  for (const path of paths) {
    const real = await realPath(path);
    if (!inside.some((folder) => isWithin(real, folder))) outside.set(real, path);
  }
  // Whoever allows a folder allows what is in it.
  const outermost = [...outside].filter(
    ([real]) => ![...outside.keys()].some((other) => other !== real && isWithin(real, other)),
  );
  if (outermost.length > 0)
    throw new RefusedTargetError(outermost.map(([real, path]) => outsideError(real, path)));
}

/** What is allowed is where a path leads: what a link in the repository leads to may be changed there. */
function outsideError(real: string, path: string): EvaluationError {
  const named = real === path ? path : `${path}, a link to ${real}`;
  return {
    message: `The target names ${named}, outside the workspace.`,
    refused: { path },
    advice: `A repository’s files may lead out of it only where you allow that: in the editor by the action of this message, on the command line with --allow-path.`,
    action: { kind: 'allow-path', path: real },
  };
}

/** Where a path leads through all symbolic links; of one that does not exist, as far as it does. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    // It is not there, or not readable: what it would lie in decides.
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), basename(path));
  }
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
