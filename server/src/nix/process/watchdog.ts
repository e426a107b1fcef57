import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { ownPrograms } from './ownPrograms.ts';

/**
 * Ends the process groups that it was told of, and removes the directories, as
 * soon as its stdin closes: that is, when this
 * process is gone, however it ended. Nobody else could do that after SIGKILL or
 * a crash. Groups are ended politely first, because Nix then ends the builders
 * that it started in sessions of their own. A shell, not another Node: it takes
 * a megabyte instead of 45, and starts in a twentieth of the time.
 */
const program = `
  # Whoever ends all processes of this one by name or by a script is to find it at its work.
  trap '' INT TERM HUP
  PATH="$PATH:/usr/bin:/bin:/run/current-system/sw/bin"
  newline='
'
  groups=$newline
  directories=$newline
  while IFS= read -r change; do
    value=\${change#??}
    case $change in
      +g*) groups=$groups$value$newline ;;
      -g*) groups=\${groups%%"$newline$value$newline"*}$newline\${groups#*"$newline$value$newline"} ;;
      +d*) directories=$directories$value$newline ;;
      -d*) directories=\${directories%%"$newline$value$newline"*}$newline\${directories#*"$newline$value$newline"} ;;
    esac
  done
  # What follows splits at line ends alone, and no name is a pattern.
  IFS=$newline
  set -f
  for group in $groups; do kill -TERM "-$group"; done
  sleep 0.2
  for group in $groups; do kill -KILL "-$group"; done
  for directory in $directories; do
    # Files may still be written into it meanwhile; what stays, the next start sweeps.
    for attempt in 1 2 3 4 5; do
      if rm -rf "$directory"; then break; fi
      sleep 0.05
    done
  done
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
  // No folder for temporary files has a name of two lines; one that had it would not be watched over.
  if (!String(value).includes('\n')) watchdog?.stdin?.write(`${sign}${kind.charAt(0)}${value}\n`);
}

/** Somebody who ends it again and again wants it to be gone. */
const mostStarts = 10;
let starts = 0;

/** One for the whole life of this process: to start it costs more than to keep it. */
function startWatchdog(): void {
  starts += 1;
  const child = spawn('/bin/sh', ['-c', program], {
    // It starts `sleep` and `rm` by their names, and none that lies in a repository.
    env: { ...process.env, ...ownPrograms() },
    cwd: '/',
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
