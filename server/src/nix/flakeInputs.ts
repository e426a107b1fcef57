import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { flakeFeatures } from './flakeMetadata.ts';
import { flakeReference } from './flakeReference.ts';
import type { NixInstallation } from './installation.ts';
import { MissingInputsError } from './missingInputs.ts';
import { runNix } from './run.ts';
import type { ProcessOptions } from './run.ts';

const lockFile = z.object({
  root: z.string(),
  nodes: z.record(
    z.string(),
    z.object({
      inputs: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
      locked: z
        .object({ type: z.string(), narHash: z.string().optional(), url: z.string().optional() })
        .optional(),
    }),
  ),
});

/** The fields of `flake.lock` that are used (Nix manual, `nix flake`, "Lock files"). */
export type FlakeLock = z.infer<typeof lockFile>;

/** Undefined where there is none that can be read: Nix says why. */
export async function readFlakeLock(flake: string): Promise<FlakeLock | undefined> {
  try {
    return lockFile.parse(JSON.parse(await readFile(join(flake, 'flake.lock'), 'utf8')));
  } catch {
    // Not there or not a lock file, which Nix reports better than we can.
    return undefined;
  }
}

/**
 * Makes sure that evaluating a flake of this machine fetches nothing.
 *
 * @param flake absolute path of the directory with its flake.nix
 * @throws MissingInputsError which names the locked inputs that are not on this machine
 */
export async function requireInputs(flake: string): Promise<void> {
  const lock = await readFlakeLock(flake);
  if (!lock) return;
  const missing: string[] = [];
  for (const [name, { locked }] of Object.entries(lock.nodes)) {
    if (name !== lock.root && locked && !(await isHere(locked))) missing.push(name);
  }
  if (missing.length > 0) throw new MissingInputsError(missing, flake);
}

/**
 * Fetches all inputs of a flake into the store; its lock file is left as it is.
 *
 * @throws NixFailure
 */
export async function fetchInputs(
  nix: NixInstallation,
  flake: string,
  options: ProcessOptions = {},
): Promise<void> {
  const args = ['flake', 'archive', '--no-write-lock-file', ...flakeFeatures];
  await runNix(nix, 'nix', [...args, await flakeReference(flake, nix.version)], options);
}

type Locked = NonNullable<FlakeLock['nodes'][string]['locked']>;

async function isHere({ type, narHash, url }: Locked): Promise<boolean> {
  if (type === 'path' || (url?.startsWith('file:') ?? false) || narHash === undefined) return true;
  const path = sourcePath(narHash);
  if (path === undefined) return true;
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Where Nix keeps a source with this hash (Nix source: `makeFixedOutputPath`,
 * for a recursive SHA-256); undefined for another kind of hash.
 */
export function sourcePath(narHash: string, store = '/nix/store'): string | undefined {
  const base64 = /^sha256-([A-Za-z0-9+/]{43}=)$/.exec(narHash)?.[1];
  if (base64 === undefined) return undefined;
  const hex = Buffer.from(base64, 'base64').toString('hex');
  const digest = createHash('sha256').update(`source:sha256:${hex}:${store}:source`).digest();
  const folded = Buffer.alloc(20);
  digest.forEach((byte, index) => (folded[index % 20] = (folded[index % 20] ?? 0) ^ byte));
  return `${store}/${base32(folded)}-source`;
}

/** Nix's own base 32: another alphabet, and the last bits come first. */
function base32(bytes: Buffer): string {
  const alphabet = '0123456789abcdfghijklmnpqrsvwxyz';
  let number = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = '';
  for (let index = 0; index < (bytes.length * 8) / 5; index++) {
    text = (alphabet[Number(number & 31n)] ?? '') + text;
    number >>= 5n;
  }
  return text;
}
