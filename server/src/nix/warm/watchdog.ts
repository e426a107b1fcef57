import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Ends the groups that it was told of as soon as its stdin closes, however the
 * server has ended: a Nix that is busy does not notice that its own is closed.
 */
const program = `
  const groups = new Set();
  let rest = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text) => {
    const lines = (rest + text).split('\\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('+')) groups.add(Number(line.slice(1)));
      else groups.delete(Number(line.slice(1)));
    }
  });
  process.stdin.on('close', () => {
    for (const group of groups) {
      try { process.kill(-group, 'SIGKILL'); } catch { /* it has ended already */ }
    }
    process.exit();
  });
`;

let watchdog: ChildProcess | undefined;
const guarded = new Set<number>();

/** Has a process group end with this process, even where that is killed without a chance to do so itself. */
export function guardGroup(leader: number): void {
  guarded.add(leader);
  watchdog ??= startWatchdog();
  watchdog.stdin?.write(`+${leader}\n`);
}

/** The group has ended: its number may soon be another's. The watchdog ends with the last one. */
export function releaseGroup(leader: number): void {
  guarded.delete(leader);
  watchdog?.stdin?.write(`-${leader}\n`);
  if (guarded.size > 0) return;
  watchdog?.stdin?.end();
  watchdog = undefined;
}

function startWatchdog(): ChildProcess {
  const child = spawn(process.execPath, ['-e', program], {
    // Where the server is run by an editor's own program, that has to act as Node.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  const forget = (): void => {
    if (watchdog === child) watchdog = undefined;
  };
  // Without it, Nix still ends with its stdin as soon as it is idle.
  child.once('error', forget);
  child.once('exit', forget);
  child.stdin.on('error', forget);
  return child;
}
