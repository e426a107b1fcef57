import { access, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { EvaluationArguments } from '../model/target.ts';
import { evaluateExpression } from './evaluate.ts';
import { NixFailure } from './failure.ts';
import type { FlakeLock } from './flakeLock.ts';
import { readFlakeLock } from './flakeLock.ts';
import type { NixInstallation } from './installation.ts';
import { nixString } from './nixString.ts';
import type { ProcessOptions } from './runNix.ts';

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
  seen = new Set<string>(),
): Promise<UnlockedInputs> {
  // Each once, by whatever path: a link may lead in a circle.
  seen.add(await realpath(flake).catch(() => flake));
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
    if (!isFlake || directory === undefined) continue;
    if (seen.has(await realpath(directory).catch(() => directory))) continue;
    const below = await findUnlockedInputs(nix, directory, options, seen);
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
  // Nix itself lets the declaration be nothing but literals: it is to read no file but its own.
  const directory = await realpath(flake).catch(() => undefined);
  if (directory === undefined || !(await isThere(join(directory, 'flake.nix')))) return [];
  const restricted: EvaluationArguments = {
    arg: [],
    argstr: [],
    include: [directory],
    option: [['restrict-eval', 'true']],
  };
  try {
    const expression = inputsOf(join(directory, 'flake.nix'));
    return declaredInputs.parse(
      await evaluateExpression(nix, expression, { ...options, arguments: restricted }),
    );
  } catch (error) {
    if (error instanceof NixFailure && error.reason === 'aborted') throw error;
    return [];
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
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
  return path === undefined ? undefined : resolve(flake, decoded(path));
}

type Original = NonNullable<FlakeLock['nodes'][string]['original']>;

/** Whether a lock file's entry may be for this reference; parameters are not compared. */
function mayBe(reference: string, { type, owner, repo, url, id }: Original): boolean {
  const wanted = decoded(reference.replace(/[?#].*$/s, '')).toLowerCase();
  if (owner !== undefined && repo !== undefined) {
    return wanted.startsWith(`${type}:${owner}/${repo}`.toLowerCase());
  }
  if (id !== undefined) return wanted.replace(/^flake:/, '').startsWith(id.toLowerCase());
  if (url === undefined) return true;
  return wanted.endsWith(decoded(url.replace(/[?#].*$/s, '')).toLowerCase());
}

/** Without percent signs; as it is where they say nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Nix says better than we can what is wrong with it.
    return text;
  }
}
