import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { neededDownload } from './downloads.ts';
import { NixFailure } from './failure.ts';
import { readFlakeLock, type FlakeLock } from './flakeLock.ts';
import { flakeFeatures, noFlakeConfig } from './flakeMetadata.ts';
import { flakeReference } from './flakeReference.ts';
import { inputPlace } from './inputPlace.ts';
import type { NixInstallation } from './installation.ts';
import type { NixEnvironment } from './nixEnvironment.ts';
import { MissingInputsError, UnlockedInputsError } from './missingInputsError.ts';
import { runNix } from './runNix.ts';
import type { ProcessOptions } from './runNix.ts';
import { findUnlockedInputs } from './unlockedInputs.ts';

/**
 * Evaluates a flake of this machine, and tells of inputs that are not on it. Nix
 * reads inputs only when their values are wanted, so one that is locked may well
 * be missing.
 *
 * @param flake absolute path of the directory with its flake.nix
 * @param evaluate is given the options to run Nix with
 * @throws UnlockedInputsError before anything is evaluated; MissingInputsError
 *   for locked inputs that are wanted and are not on this machine; what `evaluate` throws
 */
export async function withInputs<Options extends ProcessOptions, Value>(
  { nix, parser }: Pick<NixEnvironment, 'nix' | 'parser'>,
  flake: string,
  options: Options,
  evaluate: (options: Options) => Promise<Value>,
): Promise<Value> {
  const { timeoutMs, signal, memoryLimitMiB, memory, network } = options;
  const { unlocked, changed } = await findUnlockedInputs(nix, flake, {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(signal && { signal }),
    ...(memoryLimitMiB !== undefined && { memoryLimitMiB }),
    ...(memory && { memory }),
  });
  // Whoever asked for what is missing to be fetched gets that, too.
  if (network !== 'allowed' && unlocked.length > 0)
    throw new UnlockedInputsError(unlocked, flake, { place: await inputPlace(flake, unlocked, parser) });
  try {
    return await evaluate(options);
  } catch (cause) {
    const download = cause instanceof NixFailure ? neededDownload(cause) : undefined;
    if (!(cause instanceof NixFailure) || !download) throw cause;
    const text = cause.errors.map(({ message, fullText }) => `${message}\n${fullText}`).join('\n');
    const missing = await findMissing(flake);
    const named = missing.filter(({ locked }) => isNamed(locked, text));
    if (named.length === 0 && changed.length > 0) {
      const place = await inputPlace(flake, changed, parser);
      throw new UnlockedInputsError(changed, flake, { place, cause });
    }
    // Another URL is not an input's, but the program's own.
    const wanted = named.length > 0 || download.url !== undefined ? named : missing;
    if (wanted.length === 0) throw cause;
    const names = wanted.map(({ name }) => name);
    throw new MissingInputsError(names, flake, { place: await inputPlace(flake, names, parser), cause });
  }
}

type Locked = NonNullable<FlakeLock['nodes'][string]['locked']>;

/** The locked inputs, direct or not, that are not in the store. */
async function findMissing(flake: string): Promise<{ name: string; locked: Locked }[]> {
  const lock = await readFlakeLock(flake);
  const missing: { name: string; locked: Locked }[] = [];
  for (const [name, { locked }] of Object.entries(lock?.nodes ?? {})) {
    if (name !== lock?.root && locked && !(await isHere(locked))) missing.push({ name, locked });
  }
  return missing;
}

function isNamed({ owner, repo, url }: Locked, text: string): boolean {
  const name = url ?? (owner !== undefined && repo !== undefined ? `${owner}/${repo}` : undefined);
  return name !== undefined && text.includes(name);
}

/**
 * Fetches all inputs of a flake into the store, which somebody has to have asked for; its lock file is left as it is.
 *
 * @throws NixFailure
 */
export async function fetchInputs(
  nix: NixInstallation,
  flake: string,
  options: ProcessOptions = {},
): Promise<void> {
  const args = ['flake', 'archive', '--no-write-lock-file', ...flakeFeatures, ...noFlakeConfig];
  await runNix(nix, 'nix', [...args, await flakeReference(flake, nix.version)], {
    ...options,
    network: 'allowed',
  });
}

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
