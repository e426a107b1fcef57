/** What the first line of a script asks for. */
export interface Shebang {
  /** As it is written; absolute, or relative to the working directory. */
  readonly interpreter: string;
  /** The program that `env` is to start; a bare name is looked up on the PATH of whoever runs the script. */
  readonly program?: string;
}

/** Kernels read no more of the first line than this, in bytes (FreeBSD the most; Linux 256). */
const longestLine = 4096;

/** Reads `#! interpreter argument`; undefined where no interpreter follows. */
export function parseShebang(head: Uint8Array): Shebang | undefined {
  const text = Buffer.from(head.subarray(0, longestLine)).toString('utf8');
  const line = text.slice(2).split('\n', 1)[0] ?? '';
  const [interpreter, ...words] = line.split(/[ \t\r\0]+/).filter((word) => word !== '');
  if (interpreter === undefined) return undefined;
  const program = /(?:^|\/)env$/.test(interpreter) ? programOfEnv(words) : undefined;
  return { interpreter, ...(program !== undefined && { program }) };
}

/** Skips the options of env, those with a value too, and `NAME=VALUE` (GNU coreutils manual, "env invocation"). */
function programOfEnv(words: readonly string[]): string | undefined {
  const rest = words.map((word, at) => (at === 0 ? word.replace(/^(?:-S|--split-string=)(?=.)/, '') : word));
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? '';
    if (/^-[uC]$/.test(word)) at += 1;
    else if (!word.startsWith('-') && !/^\w+=/.test(word)) return word;
  }
  return undefined;
}
