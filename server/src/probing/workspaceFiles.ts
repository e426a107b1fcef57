import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { readTextIfPossible } from '../files/regularFile.ts';
import { Slice } from '../model/slices.ts';
import type { Expression } from '../syntax/ast.ts';
import type { NixParser } from '../syntax/parser.ts';
import { relativePathLiterals } from '../syntax/pathLiterals.ts';
import { parseSourceInSlices, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { pathUse } from './pathUse.ts';

/**
 * Where the workspace's files are, as the person knows them and as Nix reads
 * them. The two differ for a flake, which Nix evaluates from a store path.
 */
export interface WorkspaceLayout {
  /** Absolute path of the directory that the person edits. */
  readonly root: string;
  /** Absolute path from which Nix reads the same files. */
  readonly evaluatedRoot: string;
  /** Unsaved or proposed texts, by absolute path below `root`. */
  readonly overlays: ReadonlyMap<string, string>;
  /** It is a package set: copies of some of its files need all of the others around them. */
  readonly isMirrored?: boolean;
}

/** Bounds that keep a package set inside the workspace from being rewritten as a whole. */
const maximumFiles = 1500;
const maximumBytes = 12 * 1024 * 1024;
const maximumScannedPerDirectory = 300;

/** Characters of text whose trees are kept; a tree takes a multiple of its text's memory. */
const mostKept = 4 * 1024 * 1024;

/** Parsed files by path and text, so that an unchanged file is parsed once; those that were used last are kept. */
export class SourceFileCache {
  readonly #parser: NixParser;
  /** The one that was used last comes last. */
  readonly #files = new Map<string, SourceFile>();
  #length = 0;

  constructor(parser: NixParser) {
    this.#parser = parser;
  }

  async parse(file: string, text: string): Promise<SourceFile> {
    const known = this.#files.get(file);
    const parsed = known?.text === text ? known : await parseSourceInSlices(file, text, this.#parser);
    this.#forget(file);
    this.#files.set(file, parsed);
    this.#length += text.length;
    for (const oldest of this.#files.keys()) {
      if (this.#length <= mostKept || oldest === file) break;
      this.#forget(oldest);
    }
    return parsed;
  }

  #forget(file: string): void {
    this.#length -= this.#files.get(file)?.text.length ?? 0;
    this.#files.delete(file);
  }
}

/**
 * Collects the workspace's own files that an evaluation may read: the entries
 * and, from there, every file that a path literal names. Package sets are left
 * out, as are files that the grammar cannot parse and those beyond a limit: Nix
 * evaluates these as they are.
 *
 * @param entries absolute paths below `layout.root`
 * @param isOwn which files of a package set are taken all the same
 * @returns parsed files by the person's path
 */
export async function collectWorkspaceFiles(
  entries: readonly string[],
  layout: WorkspaceLayout,
  cache: SourceFileCache,
  isOwn: (path: string) => boolean = () => false,
): Promise<Map<string, SourceFile>> {
  const files = new Map<string, SourceFile>();
  const seen = new Set<string>();
  const packageSets = new Map<string, boolean>();
  let bytes = 0;
  let wave = [...entries];
  while (wave.length > 0 && files.size < maximumFiles && bytes < maximumBytes) {
    const next: string[] = [];
    for (const path of wave) {
      if (seen.has(path)) continue;
      seen.add(path);
      if (!isBelow(path, layout.root)) continue;
      if (!isOwn(path) && (await isInPackageSet(path, layout, packageSets))) continue;
      const text = await readSource(path, layout);
      if (text === undefined) continue;
      bytes += text.length;
      const source = await cache.parse(path, text);
      if (!source.wellFormed) continue;
      files.set(path, source);
      next.push(...(await referencedFiles(source, layout)));
      if (files.size >= maximumFiles || bytes >= maximumBytes) break;
    }
    wave = next;
  }
  return files;
}

/** Where Nix reads a file that the person knows by this path. */
export function evaluatedPath(path: string, layout: WorkspaceLayout): string {
  return join(layout.evaluatedRoot, relative(layout.root, path));
}

export function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

async function readSource(path: string, layout: WorkspaceLayout): Promise<string | undefined> {
  const overlay = layout.overlays.get(path);
  if (overlay !== undefined) return overlay;
  // A literal may name a file that does not exist or may not be read: Nix reports it if it matters.
  return readTextIfPossible(evaluatedPath(path, layout));
}

async function referencedFiles(source: SourceFile, layout: WorkspaceLayout): Promise<string[]> {
  const found: string[] = [];
  const slice = new Slice();
  for (const path of relativePathLiterals(source.root)) {
    await slice.giveWayIfOver();
    const text = textOf(source, path).split('${')[0] ?? '';
    const absolute = resolve(dirname(source.file), text);
    if (!isBelow(absolute, layout.root)) continue;
    const parent = source.scopes.parentOf(path);
    const computed = path.interpolations.length > 0 || parent?.kind === 'binary' || isReadDirectory(parent);
    if (computed)
      found.push(
        ...(await nixFilesBelow(
          text.endsWith('/') || path.interpolations.length === 0 ? absolute : dirname(absolute),
          layout,
        )),
      );
    if (path.interpolations.length > 0) continue;
    if (absolute.endsWith('.nix')) {
      if (pathUse(path, source.scopes) !== 'data') found.push(absolute);
    } else {
      found.push(join(absolute, 'default.nix'));
    }
  }
  return found;
}

function isReadDirectory(parent: Expression | undefined): boolean {
  if (parent?.kind !== 'apply') return false;
  const { fn } = parent;
  const last = fn.kind === 'select' ? fn.path.at(-1) : undefined;
  return (
    (fn.kind === 'variable' && fn.name === 'readDir') || (last?.kind === 'static' && last.name === 'readDir')
  );
}

async function nixFilesBelow(directory: string, layout: WorkspaceLayout): Promise<string[]> {
  const found: string[] = [];
  const waiting = [directory];
  while (waiting.length > 0 && found.length < maximumScannedPerDirectory) {
    const at = waiting.pop() ?? directory;
    let entries;
    try {
      entries = await readdir(evaluatedPath(at, layout), { withFileTypes: true });
    } catch {
      // Not a directory, or gone: nothing to find there.
      continue;
    }
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (entry.isFile() && entry.name.endsWith('.nix')) found.push(path);
      else if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
        waiting.push(path);
    }
  }
  return found.slice(0, maximumScannedPerDirectory);
}

/** A directory that looks like nixpkgs: it is somebody's package set, not the person's code. */
async function isInPackageSet(
  path: string,
  layout: WorkspaceLayout,
  known: Map<string, boolean>,
): Promise<boolean> {
  for (let directory = dirname(path); isBelow(directory, layout.root); directory = dirname(directory)) {
    let answer = known.get(directory);
    if (answer === undefined) {
      answer = await exists(join(evaluatedPath(directory, layout), 'pkgs', 'top-level', 'all-packages.nix'));
      known.set(directory, answer);
    }
    if (answer) return true;
    if (directory === dirname(directory)) return false;
  }
  return false;
}

/** The nearest folder around files of the workspace that looks like nixpkgs; undefined where they lie in none. */
export async function packageSetAround(
  entries: readonly string[],
  layout: Pick<WorkspaceLayout, 'root' | 'evaluatedRoot'>,
): Promise<string | undefined> {
  // What Nix reads from elsewhere, such as a flake's copy in the store, is not looked at.
  if (layout.root !== layout.evaluatedRoot) return undefined;
  for (const entry of entries) {
    for (let directory = dirname(entry); isBelow(directory, layout.root); directory = dirname(directory)) {
      if (await exists(join(directory, 'pkgs', 'top-level', 'all-packages.nix'))) return directory;
      if (directory === dirname(directory)) break;
    }
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    // Every failure means that it cannot be read from here, which is what was asked.
    return false;
  }
}
