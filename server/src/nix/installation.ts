import { execa } from 'execa';
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** The programs of Nix that are started, by the names of {@link NixInstallation.commands}. */
const programNames = { nixInstantiate: 'nix-instantiate', nix: 'nix', nixStore: 'nix-store' } as const;

export type NixProgram = keyof typeof programNames;

/** One Nix on this machine: programs of the same version from one folder. */
export interface NixInstallation {
  /** E.g. `2.26.3`; of Lix its own number. */
  readonly version: string;
  readonly isLix: boolean;
  /** Absolute paths; undefined where the folder lacks the program. */
  readonly commands: Readonly<Record<NixProgram, string | undefined>>;
}

/** There is no Nix that can be used; the message says what to do about it. */
export class NixUnavailableError extends Error {
  override readonly name = 'NixUnavailableError';
}

/** The first release with flakes, `--log-format` for every program and `system` in derivations' JSON. */
const oldestVersion = [2, 4] as const;

/** Where installers put Nix; an editor started from a desktop often lacks the shell's PATH. */
const usualDirectories = [
  '/nix/var/nix/profiles/default/bin',
  join(homedir(), '.nix-profile/bin'),
  join(homedir(), '.local/state/nix/profile/bin'),
  '/run/current-system/sw/bin',
];

/**
 * Finds Nix: in the directory of the setting where there is one, else on the
 * PATH, else in the usual places.
 *
 * @throws NixUnavailableError where there is none, or one that is too old.
 */
export async function findNix(options: { directory?: string } = {}): Promise<NixInstallation> {
  const directory = await findDirectory(options.directory);
  const commands = await commandsIn(directory);
  // findDirectory has seen the program there.
  const { version, isLix } = await readVersion(
    commands.nixInstantiate ?? join(directory, programNames.nixInstantiate),
  );
  if (!isAtLeast(version, ...oldestVersion)) {
    throw new NixUnavailableError(
      `Nix ${version} in ${directory} is too old: version ${oldestVersion.join('.')} or newer is needed. Upgrade it, or name the folder of another one with --nix or, in the editor, in the setting nixPlatformLens.nix.directory.`,
    );
  }
  return { version, isLix, commands };
}

async function findDirectory(configured: string | undefined): Promise<string> {
  if (configured !== undefined && configured !== '') {
    // Absolute: Nix runs in other folders than this process.
    const directory = resolve(configured.replace(/^~(?=\/|$)/, homedir()));
    for (const candidate of [directory, join(directory, 'bin')]) {
      if (await holdsNix(candidate)) return candidate;
    }
    throw new NixUnavailableError(
      `There is no nix-instantiate in ${directory}, the folder that --nix or the setting nixPlatformLens.nix.directory names. Correct it, or leave it out to search the PATH.`,
    );
  }
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => isAbsolute(directory));
  for (const candidate of [...onPath, ...usualDirectories]) {
    if (await holdsNix(candidate)) return candidate;
  }
  throw new NixUnavailableError(
    'Nix was not found on the PATH or in its usual places. Install it (https://nixos.org/download; on Debian: apt-get install nix-bin), or name the folder of nix-instantiate with --nix or, in the editor, in the setting nixPlatformLens.nix.directory.',
  );
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function holdsNix(directory: string): Promise<boolean> {
  return isExecutable(join(directory, programNames.nixInstantiate));
}

async function commandsIn(directory: string): Promise<NixInstallation['commands']> {
  const find = async (program: NixProgram) => {
    const file = join(directory, programNames[program]);
    return (await isExecutable(file)) ? file : undefined;
  };
  return {
    nixInstantiate: await find('nixInstantiate'),
    nix: await find('nix'),
    nixStore: await find('nixStore'),
  };
}

/** Reads e.g. `nix-instantiate (Nix) 2.8.0` or `nix-instantiate (Lix, like Nix) 2.91.1`. */
async function readVersion(command: string): Promise<Pick<NixInstallation, 'version' | 'isLix'>> {
  const { stdout, stderr, failed } = await execa(command, ['--version'], {
    reject: false,
    stdin: 'ignore',
    timeout: 10_000,
    // It would take over signals for as long, and one that comes then could be lost.
    cleanup: false,
  });
  const version = /\s(\d+\.\d+\S*)\s*$/.exec(stdout)?.[1];
  if (failed || version === undefined) {
    throw new NixUnavailableError(
      `${command} does not tell its version (${(stderr || stdout || 'no answer').slice(0, 300)}). Repair that installation, or name the folder of another one with --nix or, in the editor, in the setting nixPlatformLens.nix.directory.`,
    );
  }
  return { version, isLix: stdout.includes('(Lix') };
}

/** Compares a version, e.g. `2.26.3` or `2.31pre20250101_abc`, with a release. */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [actualMajor = 0, actualMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return actualMajor > major || (actualMajor === major && actualMinor >= minor);
}
