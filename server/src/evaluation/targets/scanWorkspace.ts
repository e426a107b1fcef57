import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { largestSettings } from '../../files/limits.ts';
import { readTextIfPossible } from '../../files/regularFile.ts';
import type { NixParser } from '../../syntax/parser.ts';
import { literalPaths } from '../../syntax/pathLiterals.ts';
import { parseSourceFile, type SourceFile } from '../../syntax/sourceFile.ts';
import { classifyFile, type FileKind } from './classifyFile.ts';
import { isFile } from './placeOfTarget.ts';

/** A file of the workspace, as its syntax tells. */
export interface ScannedFile {
  readonly source: SourceFile;
  readonly kind: FileKind;
  /** The files that its paths name, of a directory its `default.nix`. */
  readonly names: readonly string[];
}

/** What {@link scanWorkspace} tells of a directory. */
export type Scan = (directory: string) => Promise<ReadonlyMap<string, ScannedFile>>;

const deepest = 5;
const maximumFiles = 1500;
const maximumBytes = 200_000;

/**
 * Reads and classifies the Nix files of a directory by absolute path, those
 * near its top first. Hidden and ignored folders and whole package sets are left out.
 */
export async function scanWorkspace(
  directory: string,
  parser: NixParser,
  signal: AbortSignal,
): Promise<Map<string, ScannedFile>> {
  const ignored = await ignoredNames(directory);
  const files = new Map<string, ScannedFile>();
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
        else if (entry.name.endsWith('.nix') && files.size < maximumFiles && (await isFile(path))) {
          const scanned = await scanFile(path, parser);
          if (scanned) files.set(path, scanned);
        }
      }
    }
    level = next;
  }
  return files;
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

/** Undefined for a file that cannot be read, or is too long to be somebody's own. */
export async function scanFile(path: string, parser: NixParser): Promise<ScannedFile | undefined> {
  const text = await readTextIfPossible(path, maximumBytes);
  if (text === undefined) return undefined;
  const source = parseSourceFile(path, text, parser);
  return { source, kind: classifyFile(source), names: literalPaths(source).map(fileOfPath) };
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
