import type { BuildScript } from '../../derivation/buildScript.ts';

/** A line of what a builder is given that a repair changed. */
export interface LineChange {
  /** The name of the variable; `builder` and `args` for those. */
  readonly variable: string;
  /** From one. */
  readonly line: number;
  /** With the paths of what was only made anew as they are in the repaired closure. */
  readonly before: string;
  readonly after: string;
}

/** A variable that a repair adds, takes away, or gives another number of lines. */
export interface ReshapedVariable {
  readonly variable: string;
  /** Undefined where it was not there, or is not. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface TextChanges {
  readonly lines: readonly LineChange[];
  readonly reshaped: readonly ReshapedVariable[];
}

/**
 * What a builder is given otherwise after a repair, besides the paths of what
 * was only made anew.
 *
 * @param renamed the hash parts of store paths, and placeholders, that became others
 */
export function findTextChanges(
  before: BuildScript,
  after: BuildScript,
  renamed: ReadonlyMap<string, string>,
): TextChanges {
  const old = textsOf(before);
  const now = textsOf(after);
  const lines: LineChange[] = [];
  const reshaped: ReshapedVariable[] = [];
  for (const variable of new Set([...old.keys(), ...now.keys()])) {
    const was = old.get(variable);
    const is = now.get(variable);
    if (was === is) continue;
    const expected = was === undefined ? undefined : withNewPaths(was, renamed);
    if (expected === is) continue;
    if (expected === undefined || is === undefined) {
      reshaped.push({ variable, before: expected, after: is });
      continue;
    }
    const left = expected.split('\n');
    const right = is.split('\n');
    if (left.length !== right.length) reshaped.push({ variable, before: expected, after: is });
    else
      for (const [index, line] of left.entries()) {
        const other = right[index] ?? '';
        if (line !== other) lines.push({ variable, line: index + 1, before: line, after: other });
      }
  }
  return { lines, reshaped };
}

function textsOf({ builder, arguments: args, variables }: BuildScript): Map<string, string> {
  return new Map([...variables, ['builder', builder], ['args', args.join('\n')]]);
}

/** The hash part of a store path, or the placeholder of an output that is known only after the build. */
const hashes = /(?<=\/)(?:[0-9a-df-np-sv-z]{52}|[0-9a-df-np-sv-z]{32}(?=-))/g;

/** A text with the paths of the repaired closure. */
function withNewPaths(text: string, renamed: ReadonlyMap<string, string>): string {
  return text.replace(hashes, (hash) => renamed.get(hash) ?? hash);
}
