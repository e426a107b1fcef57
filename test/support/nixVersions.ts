import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface NixVersion {
  /** E.g. `2.26.3`. */
  readonly version: string;
  /** The folder of its programs. */
  readonly directory: string;
}

/** Where `scripts/setup-nix.mjs --all` unpacks, named after Debian's releases. */
const unpacked = ['trixie', 'sid'].map((suite) =>
  join(import.meta.dirname, '../../.cache/nix', suite, 'bin'),
);

let found: readonly NixVersion[] | undefined;

/**
 * The Nix on the PATH and the newer ones that are compared with it, oldest
 * first.
 *
 * @throws Error where one is missing, with the command that brings it
 */
export function nixVersions(): readonly NixVersion[] {
  return (found ??= [systemDirectory(), ...unpacked].map((directory) => ({
    version: versionIn(directory),
    directory,
  })));
}

function systemDirectory(): string {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.find((directory) => existsSync(join(directory, 'nix-instantiate'))) ?? '/usr/bin';
}

function versionIn(directory: string): string {
  const program = join(directory, 'nix-instantiate');
  if (!existsSync(program)) throw new Error(`There is no ${program}. Run: node scripts/setup-nix.mjs --all`);
  const version = /(\d+\.\d+\S*)\s*$/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1];
  if (version === undefined)
    throw new Error(`${program} tells no version. Run: node scripts/setup-nix.mjs --all`);
  return version;
}
