import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The folder in which things are kept for one workspace. It need not exist.
 *
 * @param given what the editor says; undefined: one below `XDG_CACHE_HOME` (XDG Base Directory Specification)
 * @param workspaceRoots absolute paths; undefined is returned where there are none and nothing is given
 */
export function storageDirectory(
  given: string | undefined,
  workspaceRoots: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  if (given !== undefined) return isAbsolute(given) ? given : undefined;
  if (workspaceRoots.length === 0) return undefined;
  const named = environment['XDG_CACHE_HOME'];
  const caches = named !== undefined && isAbsolute(named) ? named : join(homedir(), '.cache');
  const hash = createHash('sha256').update(JSON.stringify(workspaceRoots)).digest('hex').slice(0, 32);
  return join(caches, 'nix-platform-lens', hash);
}
