import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { largestSettings } from '../../files/limits.ts';
import { readTextIfPossible } from '../../files/regularFile.ts';
import type { NixParser } from '../../syntax/parser.ts';
import { literalPaths } from '../../syntax/pathLiterals.ts';
import { parseSourceInSlices } from '../../syntax/sourceFile.ts';
import { classifyFile, type FileKind } from './classifyFile.ts';
import { isFile } from './placeOfTarget.ts';

/** A file of the workspace, as its syntax tells; its tree is not kept, which takes a hundred times as much as its text. */
export interface ScannedFile {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  readonly kind: FileKind;
  /** The files that its paths name, of a directory its `default.nix`. */
  readonly names: ReadonlySet<string>;
}

/** What the Nix files of a directory tell. */
export interface ScannedWorkspace {
  /** By absolute path, those near the top first. */
  readonly files: ReadonlyMap<string, ScannedFile>;
  /** False where there are more files than are looked through. */
  readonly isWhole: boolean;
}

/** {@link scanWorkspace} of a directory. */
export type Scan = (directory: string) => Promise<ScannedWorkspace>;

const deepest = 5;
const maximumFiles = 1500;
const maximumBytes = 200_000;
/** Of all files together, in characters: a workspace of 1500 files that people wrote has half of it. */
const maximumLength = 8 * 1024 * 1024;

/** Where {@link ScannedWorkspace.isWhole} is false, for people. */
export const notWhole = `There are more Nix files here than are looked through for targets (${maximumFiles} files or ${maximumLength / 2 ** 20} million characters): open a part of the folder, or name the targets in .nix-platform-lens.json.`;

/**
 * Reads and classifies the Nix files of a directory by absolute path, those
 * near its top first. Hidden and ignored folders and whole package sets are left out.
 */
export async function scanWorkspace(
  directory: string,
  parser: NixParser,
  signal: AbortSignal,
): Promise<ScannedWorkspace> {
  const ignored = await ignoredNames(directory);
  const files = new Map<string, ScannedFile>();
  let length = 0;
  let level = [directory];
  for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
    const next: string[] = [];
    for (const at of level) {
      signal.throwIfAborted();
      if (await isFile(join(at, 'pkgs/top-level/all-packages.nix'))) continue;
      // A folder that is gone or may not be read has nothing to offer.
      const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        const path = join(at, entry.name);
        if (entry.name.startsWith('.') || entry.name === 'node_modules' || ignored.has(entry.name)) continue;
        if (entry.isDirectory()) next.push(path);
        else if (entry.name.endsWith('.nix') && (await isFile(path))) {
          if (files.size >= maximumFiles || length >= maximumLength) return { files, isWhole: false };
          const scanned = await scanFile(path, parser, signal);
          if (!scanned) continue;
          files.set(path, scanned);
          length += scanned.text.length;
        }
      }
    }
    level = next;
  }
  return { files, isWhole: true };
}

/** Scans directories, each once; for one search, as files that change meanwhile are not read again. */
export function scanOnce(parser: NixParser, signal: AbortSignal): Scan {
  const scans = new Map<string, ReturnType<Scan>>();
  return (directory) => {
    const scan = scans.get(directory) ?? scanWorkspace(directory, parser, signal);
    scans.set(directory, scan);
    return scan;
  };
}

/**
 * Undefined for a file that cannot be read, or is too long to be somebody's own.
 *
 * @throws the reason of `signal`
 */
export async function scanFile(
  path: string,
  parser: NixParser,
  signal: AbortSignal,
): Promise<ScannedFile | undefined> {
  signal.throwIfAborted();
  const text = await readTextIfPossible(path, maximumBytes);
  if (text === undefined) return undefined;
  const source = await parseSourceInSlices(path, text, parser, signal);
  const names = new Set(literalPaths(source).map(fileOfPath));
  return { file: path, text, kind: classifyFile(source), names };
}

/** The plain names of `.gitignore`; patterns are not followed. */
async function ignoredNames(directory: string): Promise<ReadonlySet<string>> {
  const file = join(directory, '.gitignore');
  const text = (await readTextIfPossible(file, largestSettings)) ?? '';
  const names = text.split('\n').flatMap((line) => /^\/?([^/*?![#\s]+)\/?\s*$/.exec(line)?.[1] ?? []);
  return new Set(names);
}

/** The file that a path means where it is imported: of a directory its `default.nix`. */
export function fileOfPath(path: string): string {
  return path.endsWith('.nix') ? path : join(path, 'default.nix');
}
