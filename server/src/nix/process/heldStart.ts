import type { Writable } from 'node:stream';

/** What is run, with its arguments. */
interface Start {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * The same program, which waits for {@link letGo} before it begins. If this
 * process is killed before somebody watches over the new one, its stdin closes,
 * and it ends without having begun: otherwise it would run on for ever, known
 * to nobody. The shell becomes the program: the process keeps its id.
 *
 * @param stdin of the program: nothing to read, or what is written after {@link letGo}
 */
export function heldStart({ program, args }: Start, stdin: 'empty' | 'open'): Start {
  const become = stdin === 'empty' ? 'exec "$@" </dev/null' : 'exec "$@"';
  return { program: '/bin/sh', args: ['-c', `read -r go && ${become}`, 'sh', program, ...args] };
}

/** Lets a program begin that was started by {@link heldStart}. */
export function letGo(stdin: Writable): void {
  stdin.write('\n');
}
