import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';

/** Where the channels are that Nix searches without a NIX_PATH (Nix manual, `nix-path`). */
const channels = ['/nix/var/nix/profiles/per-user/root/channels', `${homedir()}/.nix-defexpr/channels`];

/**
 * The folders that the person's own environment offers to every evaluation: the
 * store, the channels, and the entries of NIX_PATH. They need not exist.
 */
export function environmentPaths(environment: NodeJS.ProcessEnv = process.env): string[] {
  const store = environment['NIX_STORE_DIR'] ?? environment['NIX_STORE'];
  return [
    store !== undefined && isAbsolute(store) ? store : '/nix/store',
    ...channels,
    ...searchPathEntries(environment['NIX_PATH'] ?? ''),
  ];
}

/** The absolute paths of a search path; the colon of an address such as `https://…` is none between two entries. */
function searchPathEntries(searchPath: string): string[] {
  return searchPath
    .split(':')
    .map((entry) => entry.slice(entry.indexOf('=') + 1))
    .filter((path) => isAbsolute(path) && !path.startsWith('//'));
}
