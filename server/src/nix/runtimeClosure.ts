import type { NixInstallation } from './installation.ts';
import { runNix, type ProcessOptions } from './runNix.ts';

/** What realised store paths refer to, themselves included. */
export interface RuntimeClosure {
  /** Absolute store paths, what is referred to before what refers to it. */
  readonly paths: readonly string[];
  /** By store path: those that it refers to, without itself. */
  readonly references: ReadonlyMap<string, readonly string[]>;
}

/** So many store paths fit on a command line of any system. */
const batch = 500;

/*
 * `nix path-info` asks substituters for a path that is not in the store, and
 * the shape of its JSON depends on the version; `nix-store --query` reads the
 * local store alone and has printed the same since Nix 1.
 */

/**
 * Those of the paths that are not in the store.
 *
 * @throws NixFailure where one is no store path at all
 */
export async function findAbsent(
  nix: NixInstallation,
  storePaths: readonly string[],
  options: ProcessOptions = {},
): Promise<ReadonlySet<string>> {
  const lines = await query(nix, ['--check-validity', '--print-invalid'], storePaths, options);
  return new Set(lines);
}

/**
 * The runtime closure of store paths.
 *
 * @throws NixFailure where one of them is not in the store
 */
export async function readRuntimeClosure(
  nix: NixInstallation,
  storePaths: readonly string[],
  options: ProcessOptions = {},
): Promise<RuntimeClosure> {
  const paths = [...new Set(await query(nix, ['--query', '--requisites'], storePaths, options))];
  const byName = new Map(paths.map((path) => [baseName(path), path]));
  const references = new Map<string, string[]>();
  for (const line of await query(nix, ['--query', '--graph'], storePaths, options)) {
    const [, reference, referrer] = /^"([^"]+)" -> "([^"]+)"/.exec(line) ?? [];
    const from = byName.get(referrer ?? '');
    const to = byName.get(reference ?? '');
    if (from === undefined || to === undefined || from === to) continue;
    const known = references.get(from);
    if (known) known.push(to);
    else references.set(from, [to]);
  }
  return { paths, references };
}

/**
 * The derivations that made store paths, as far as the store knows them; they
 * may be gone from it.
 *
 * @throws NixFailure where one of the paths is not in the store
 */
export async function findDerivers(
  nix: NixInstallation,
  storePaths: readonly string[],
  options: ProcessOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const derivers = new Map<string, string>();
  const lines = await query(nix, ['--query', '--deriver'], storePaths, options);
  for (const [index, line] of lines.entries()) {
    const path = storePaths[index];
    if (path !== undefined && line.endsWith('.drv')) derivers.set(path, line);
  }
  return derivers;
}

async function query(
  nix: NixInstallation,
  flags: readonly string[],
  storePaths: readonly string[],
  options: ProcessOptions,
): Promise<string[]> {
  const lines: string[] = [];
  for (let at = 0; at < storePaths.length; at += batch) {
    const { stdout } = await runNix(
      nix,
      'nixStore',
      [...flags, ...storePaths.slice(at, at + batch)],
      options,
    );
    for (const line of stdout.split('\n')) if (line !== '') lines.push(line);
  }
  return lines;
}

function baseName(storePath: string): string {
  return storePath.slice(storePath.lastIndexOf('/') + 1);
}
