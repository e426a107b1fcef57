import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Ends the process groups that it was told of, and removes the directories, as
 * soon as its stdin closes: that is, when this
 * process is gone, however it ended. Nobody else could do that after SIGKILL or
 * a crash. Groups are ended politely first, because Nix then ends the builders
 * that it started in sessions of their own. It is a Node of its own: a shell
 * would be smaller, but Debian's cannot signal a group.
 */
const program = `
  const { rmSync } = require('node:fs');
  const groups = new Set();
  const directories = new Set();
  let rest = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text) => {
    const lines = (rest + text).split('\\n');
    rest = lines.pop();
    for (const line of lines) {
      const [sign, kind, value] = JSON.parse(line);
      const known = kind === 'group' ? groups : directories;
      if (sign === '+') known.add(value);
      else known.delete(value);
    }
  });
  const signal = (id, name) => {
    try { process.kill(id, name); } catch { /* it has ended already */ }
  };
  const end = (name) => {
    for (const group of groups) signal(-group, name);
  };
  process.stdin.on('close', () => {
    end('SIGTERM');
    setTimeout(() => {
      end('SIGKILL');
      for (const directory of directories) {
        try { rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }); } catch { /* the next start sweeps it */ }
      }
      process.exit();
    }, 200);
  });
  // Whoever ends all processes of this one by name or by a script is to find it at its work.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => undefined);
`;

type Kind = 'group' | 'directory';

const guarded: Readonly<Record<Kind, Set<number | string>>> = { group: new Set(), directory: new Set() };
let watchdog: ChildProcess | undefined;

/**
 * Has a process group, by the id of its leader, or a temporary directory end
 * with this process, even where that is killed without a chance to do so itself.
 */
export function guard(kind: 'group', leader: number): void;
export function guard(kind: 'directory', path: string): void;
export function guard(kind: Kind, value: number | string): void {
  guarded[kind].add(value);
  if (watchdog) tell('+', kind, value);
  else startWatchdog();
}

/** It has ended, or was removed: a number may soon be another group's. */
export function release(kind: Kind, value: number | string): void {
  if (guarded[kind].delete(value)) tell('-', kind, value);
}

function tell(sign: '+' | '-', kind: Kind, value: number | string): void {
  watchdog?.stdin?.write(`${JSON.stringify([sign, kind, value])}\n`);
}

/** Somebody who ends it again and again wants it to be gone. */
const mostStarts = 10;
let starts = 0;

/** One for the whole life of this process: to start it costs more than to keep it. */
function startWatchdog(): void {
  starts += 1;
  const child = spawn(process.execPath, ['--max-semi-space-size=1', '-e', program], {
    // Where the server is run by an editor's own program, that has to act as Node.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog = child;
  child.unref();
  let isOver = false;
  const forget = (): void => {
    if (isOver) return;
    isOver = true;
    if (watchdog === child) watchdog = undefined;
    const guards = guarded.group.size + guarded.directory.size > 0;
    if (guards && starts < mostStarts) startWatchdog();
  };
  child.once('error', forget);
  child.once('exit', forget);
  const input: unknown = child.stdin;
  // Where no process can be started, there is no pipe either.
  if (!(input instanceof Socket)) return;
  input.on('error', forget);
  // It must not keep this process alive.
  input.unref();
  for (const leader of guarded.group) tell('+', 'group', leader);
  for (const path of guarded.directory) tell('+', 'directory', path);
}
