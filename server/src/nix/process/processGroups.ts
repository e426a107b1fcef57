import { onExit } from 'signal-exit';
import { guard, release } from './watchdog.ts';

/**
 * Process groups that are alive, by the id of their leader. A group holds a Nix
 * program and everything that it started, such as git or a download.
 */
const alive = new Set<number>();
let watchesExit = false;

/** How long a group may take to end by itself before it is ended by force, in milliseconds. */
const grace = 40;

/**
 * Sends a signal to a whole group; a group that is gone already is no error,
 * nor one of which only dead processes are left that nobody has waited for
 * (macOS answers EPERM then).
 */
function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && /^(ESRCH|EPERM)$/.test(String(error.code));
    if (!isGone) throw error;
  }
}

/** Notes that a group lives, so that it ends when this process does, however that ends. */
export function watchGroup(leader: number): void {
  alive.add(leader);
  guard('group', leader);
  if (watchesExit) return;
  watchesExit = true;
  onExit(() => {
    for (const group of alive) signalGroup(group, 'SIGKILL');
  });
}

/** Notes that a group's run is over. */
export function unwatchGroup(leader: number): void {
  alive.delete(leader);
  release('group', leader);
}

/**
 * Ends a group: politely first, because Nix then ends the builders that it
 * started in groups of their own; by force after {@link grace}, because an
 * evaluation without pauses hears no signal. Call the result as soon as the
 * leader has ended: it ends at once what is left of the group.
 */
export function endGroup(leader: number): () => void {
  signalGroup(leader, 'SIGTERM');
  const force = () => {
    clearTimeout(timer);
    signalGroup(leader, 'SIGKILL');
  };
  const timer = setTimeout(force, grace);
  return force;
}
