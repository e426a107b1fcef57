import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { NixFailure } from '../failure.ts';

/**
 * What keeps a program and all that it starts from the network.
 * - `namespace`: Linux gives it a network of its own, with nothing in it
 *   (network_namespaces(7)); `sandbox`: macOS refuses every connection;
 * - `settings`: neither can be had here, so that only {@link offlineSettings} holds it back.
 */
export interface NetworkWall {
  readonly kind: 'namespace' | 'sandbox' | 'settings';
  /** What runs the program with its arguments, which follow; undefined for `settings`. */
  readonly wall?: { readonly program: string; readonly args: readonly string[] };
}

interface Candidate {
  readonly kind: NetworkWall['kind'];
  readonly name: string;
  readonly args: readonly string[];
}

/**
 * Everything but the network, and sockets of this machine's daemons, Nix's own
 * among them; but not that of the daemon which looks up names (as in Nix's
 * `sandbox-network.sb`, which allows it).
 */
const macProfile = [
  '(version 1)',
  '(allow default)',
  '(deny network*)',
  '(allow network* (remote unix-socket))',
  '(deny network* (remote unix-socket (path-literal "/private/var/run/mDNSResponder")))',
].join(' ');

function candidatesFor(platform: NodeJS.Platform, userId: number | undefined): readonly Candidate[] {
  if (platform === 'darwin') return [{ kind: 'sandbox', name: 'sandbox-exec', args: ['-p', macProfile] }];
  if (platform !== 'linux') return [];
  const byRoot: Candidate = { kind: 'namespace', name: 'unshare', args: ['--net'] };
  const byUser: Candidate = {
    kind: 'namespace',
    name: 'unshare',
    // The user stays who it is, so that files and the daemon know it.
    args: ['--user', '--map-current-user', '--net'],
  };
  return userId === 0 ? [byRoot, byUser] : [byUser];
}

const usualDirectories = ['/usr/bin', '/bin', '/run/current-system/sw/bin'];

/** Whose answer decides which wall there is. */
interface Machine {
  readonly platform: NodeJS.Platform;
  readonly userId: number | undefined;
  /** As the variable `PATH`. */
  readonly path: string;
  /** How long a wall is tried; {@link usualPatienceMs} where it is left out. */
  readonly patienceMs?: number;
}

/**
 * The best wall of a machine, tried with a program that does nothing.
 *
 * @throws NixFailure where it could not be tried
 */
export async function findNetworkWall({
  platform,
  userId,
  path,
  patienceMs = usualPatienceMs,
}: Machine): Promise<NetworkWall> {
  const directories = [
    ...path.split(delimiter).filter((directory) => isAbsolute(directory)),
    ...usualDirectories,
  ];
  for (const { kind, name, args } of candidatesFor(platform, userId)) {
    for (const directory of directories) {
      const wall = { program: join(directory, name), args };
      if (await holds(wall, patienceMs)) return { kind, wall };
    }
  }
  return { kind: 'settings' };
}

/** It takes two milliseconds where nothing else runs. */
const usualPatienceMs = 20_000;

/** @throws NixFailure where it could not be tried */
async function holds(
  { program, args }: NonNullable<NetworkWall['wall']>,
  patienceMs: number,
): Promise<boolean> {
  try {
    await access(program, constants.X_OK);
    await promisify(execFile)(program, [...args, '/bin/sh', '-c', ':'], { timeout: patienceMs });
    return true;
  } catch (error) {
    // The machine is too busy to tell: that is no answer.
    if (error instanceof Error && ('killed' in error ? error.killed === true : false))
      throw new NixFailure('no-wall', untried(program, `did not end within ${patienceMs / 1000} s`), {
        cause: error,
      });
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN')
      throw new NixFailure('no-wall', untried(program, 'could not be started'), { cause: error });
    // It is not here, or the kernel does not let it: the next one is tried.
    return false;
  }
}

function untried(program: string, what: string): string {
  return `Nothing was evaluated, since it could not be told how this machine keeps a program from the network: ${program} ${what}.`;
}

let ofThisMachine: Promise<NetworkWall> | undefined;

/**
 * The wall of this machine; looked for once.
 *
 * @throws NixFailure where it could not be tried; the next call tries again
 */
export async function networkWall(): Promise<NetworkWall> {
  ofThisMachine ??= findNetworkWall({
    platform: process.platform,
    userId: process.getuid?.(),
    path: process.env['PATH'] ?? '',
  });
  try {
    return await ofThisMachine;
  } catch (error) {
    ofThisMachine = undefined;
    throw error;
  }
}
