import { joinTexts, type Word } from './shellWords.ts';

/** A program that a command starts, with its arguments. */
export interface CommandInvocation {
  readonly kind: 'program';
  readonly program: Word;
  readonly arguments: readonly Word[];
}

/** Text that a command has a shell run. */
export interface InnerScript {
  readonly kind: 'script';
  readonly script: Word;
}

/** How a program that starts another one, named among its arguments, is called. */
interface Launcher {
  /** Options whose value is the next argument. */
  readonly valued: readonly string[];
  /** Number of arguments, options aside, before the other program. */
  readonly operands?: number;
}

const launchers: ReadonlyMap<string, Launcher> = new Map([
  ['env', { valued: ['-u', '--unset', '-C', '--chdir'] }],
  ['exec', { valued: ['-a'] }],
  ['command', { valued: [] }],
  ['builtin', { valued: [] }],
  ['time', { valued: ['-f', '-o'] }],
  ['nice', { valued: ['-n'] }],
  ['ionice', { valued: ['-c', '-n', '-p'] }],
  ['nohup', { valued: [] }],
  ['setsid', { valued: [] }],
  ['stdbuf', { valued: ['-i', '-o', '-e'] }],
  ['sudo', { valued: ['-u', '-g'] }],
  ['chroot', { valued: [], operands: 1 }],
  ['timeout', { valued: ['-k', '-s'], operands: 1 }],
  ['faketime', { valued: [], operands: 1 }],
  ['fakeroot', { valued: ['-l', '-s', '-i'] }],
  ['xvfb-run', { valued: ['-s', '-n', '-e', '-f'] }],
  ['dbus-run-session', { valued: ['--config-file'] }],
  ['xargs', { valued: ['-a', '-d', '-E', '-I', '-L', '-n', '-P', '-s'] }],
  ['parallel', { valued: ['-j', '-I', '-n', '-a'] }],
]);

const shells = new Set(['sh', 'bash', 'dash', 'ksh', 'zsh']);

/** The name of a program without its folder. */
export function programName({ values }: Word): string {
  const [value = ''] = values;
  return value.slice(value.lastIndexOf('/') + 1);
}

/**
 * What a command starts: its own program and, where that starts another one
 * (`env`, `xargs`, `find -exec`, `sh -c` and the like), that one too.
 */
export function invocationsOf(words: readonly Word[]): (CommandInvocation | InnerScript)[] {
  return startedIn(words, 0);
}

/** Launchers that start launchers: nobody stacks more of them. */
const maximumDepth = 16;

function startedIn(words: readonly Word[], depth: number): (CommandInvocation | InnerScript)[] {
  const [program, ...rest] = words;
  if (program === undefined || depth > maximumDepth) return [];
  const own: CommandInvocation = { kind: 'program', program, arguments: rest };
  return [own, ...startedBy(programName(program), rest, depth)];
}

function startedBy(name: string, rest: readonly Word[], depth: number): (CommandInvocation | InnerScript)[] {
  if (name === 'eval') {
    const [first] = rest;
    if (first === undefined) return [];
    const text = joinTexts(
      rest.map(({ values }) => values[0] ?? ''),
      ' ',
    );
    return [{ kind: 'script', script: { ...first, values: [text] } }];
  }
  if (shells.has(name)) {
    const flag = rest.findIndex(({ values }) => /^-[a-z]*c$/.test(values[0] ?? ''));
    const script = flag < 0 ? undefined : rest[flag + 1];
    return script ? [{ kind: 'script', script }] : [];
  }
  if (name === 'find') return executedByFind(rest, depth);
  // It only looks a program up.
  if (name === 'command' && /^-[vV]/.test(rest[0]?.values[0] ?? '')) return [];
  const launcher = launchers.get(name);
  return launcher ? startedIn(rest.slice(commandIn(rest, launcher)), depth + 1) : [];
}

/** Index of the started program among the arguments of a launcher. */
function commandIn(words: readonly Word[], { valued, operands = 0 }: Launcher): number {
  let left = operands;
  let index = 0;
  for (; index < words.length; index++) {
    const value = words[index]?.values[0] ?? '';
    if (valued.includes(value)) index++;
    else if (value.startsWith('-') || /^\w+=/.test(value)) continue;
    else if (left > 0) left--;
    else break;
  }
  return index;
}

function executedByFind(words: readonly Word[], depth: number): (CommandInvocation | InnerScript)[] {
  const started: (CommandInvocation | InnerScript)[] = [];
  for (let index = 0; index < words.length; index++) {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(words[index]?.values[0] ?? '')) continue;
    const command = upToEnd(words.slice(index + 1));
    started.push(...startedIn(command, depth + 1));
    // What looks like an option inside the command is an argument of it.
    index += command.length;
  }
  return started;
}

function upToEnd(words: readonly Word[]): readonly Word[] {
  const end = words.findIndex(({ values: [value] }) => value === ';' || value === '+');
  return end < 0 ? words : words.slice(0, end);
}
