import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { evaluateExpression } from './evaluate.ts';
import { NixFailure } from './failure.ts';
import type { FlakeLock } from './flakeLock.ts';
import { readFlakeLock } from './flakeLock.ts';
import type { NixInstallation } from './installation.ts';
import { nixString } from './nixString.ts';
import type { ProcessOptions } from './run.ts';

const declaredInputs = z.array(
  z.object({
    name: z.string(),
    /** As flake.nix writes it. */
    reference: z.string(),
    isFlake: z.boolean(),
    follows: z.boolean(),
    /** Those of its own inputs that are decided here. */
    overridden: z.array(z.string()),
  }),
);

/** Inputs that Nix may have to look for on the network. */
export interface UnlockedInputs {
  /** Not in the lock file, and not on this machine by their references. */
  readonly unlocked: readonly string[];
  /** Locked, as it seems for another reference. */
  readonly changed: readonly string[];
}

/**
 * Compares the inputs that a flake declares with those that it has locked; the
 * inputs of an unlocked flake on this machine count, too. Nothing is fetched.
 *
 * @param flake absolute path of the directory with its flake.nix
 */
export async function findUnlockedInputs(
  nix: NixInstallation,
  flake: string,
  options: ProcessOptions,
  seen: ReadonlySet<string> = new Set(),
): Promise<UnlockedInputs> {
  const lock = await readFlakeLock(flake);
  const locked = lock?.nodes[lock.root]?.inputs ?? {};
  const unlocked: string[] = [];
  const changed: string[] = [];
  for (const { name, reference, isFlake, follows, overridden } of await readInputs(nix, flake, options)) {
    if (follows) continue;
    const node = locked[name];
    if (node !== undefined) {
      const original = typeof node === 'string' ? lock?.nodes[node]?.original : undefined;
      if (original && !isLocal(reference) && !mayBe(reference, original)) changed.push(name);
      continue;
    }
    if (!isLocal(reference)) {
      unlocked.push(name);
      continue;
    }
    const directory = directoryOf(reference, flake);
    if (!isFlake || directory === undefined || seen.has(directory)) continue;
    const below = await findUnlockedInputs(nix, directory, options, new Set([...seen, flake]));
    const own = [...below.unlocked, ...below.changed].filter((input) => !overridden.includes(input));
    unlocked.push(...own.map((input) => `${name}/${input}`));
  }
  return { unlocked, changed };
}

/** None for a flake.nix that cannot be read: what evaluates it says why. */
async function readInputs(
  nix: NixInstallation,
  flake: string,
  options: ProcessOptions,
): Promise<z.infer<typeof declaredInputs>> {
  const file = join(flake, 'flake.nix');
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return [];
  try {
    return declaredInputs.parse(await evaluateExpression(nix, inputsOf(file), options));
  } catch (error) {
    if (error instanceof NixFailure && error.reason === 'aborted') throw error;
    return [];
  }
}

/** What a flake declares (Nix manual, `nix flake`, "Flake inputs"); what `outputs` takes besides is in the registry. */
function inputsOf(file: string): string {
  return `
    let
      flake = import (/. + ${nixString(file)});
      declared = flake.inputs or { };
      taken = if builtins.isFunction (flake.outputs or null) then builtins.functionArgs flake.outputs else { };
      describe = name:
        let input = declared.\${name} or { }; in
        {
          inherit name;
          reference =
            if input ? url then toString input.url
            else if input ? path then "path:\${toString input.path}"
            else if input ? type then "\${input.type}:"
            else "flake:\${name}";
          isFlake = input.flake or true;
          follows = input ? follows;
          overridden = builtins.attrNames (input.inputs or { });
        };
    in
    map describe (builtins.attrNames (builtins.removeAttrs (taken // declared) [ "self" ]))
  `;
}

function isLocal(reference: string): boolean {
  return /^(?:[./]|path:|(?:git\+|tarball\+|file\+)?file:)/.test(reference);
}

/** The directory of a path; undefined for an archive or a repository, whose lock file Nix reads itself. */
function directoryOf(reference: string, flake: string): string | undefined {
  const path = /^(?:path:)?([./][^?#]*)/.exec(reference)?.[1];
  return path === undefined ? undefined : resolve(flake, decodeURIComponent(path));
}

type Original = NonNullable<FlakeLock['nodes'][string]['original']>;

/** Whether a lock file's entry may be for this reference; parameters are not compared. */
function mayBe(reference: string, { type, owner, repo, url, id }: Original): boolean {
  const wanted = decodeURIComponent(reference.replace(/[?#].*$/s, '')).toLowerCase();
  if (owner !== undefined && repo !== undefined) {
    return wanted.startsWith(`${type}:${owner}/${repo}`.toLowerCase());
  }
  if (id !== undefined) return wanted.replace(/^flake:/, '').startsWith(id.toLowerCase());
  if (url === undefined) return true;
  return wanted.endsWith(decodeURIComponent(url.replace(/[?#].*$/s, '')).toLowerCase());
}
