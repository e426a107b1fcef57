/** What builds that source a setup hook have. */
export interface SourcingBuilds {
  /** Is a variable of this name set in one of them? */
  readonly isSet: (name: string) => boolean;
  /** Does a phase of one of them name a procedure? */
  readonly names: (procedure: string) => boolean;
}

interface Procedure {
  readonly name: string;
  /** Indices of lines: the one that begins it, and the one behind it. */
  readonly from: number;
  readonly to: number;
}

/**
 * The lines of a setup hook that can be reached. A procedure is where the hook
 * itself or a build names it, and what stands in `if [ -n "$x" ]` where a build
 * sets that variable, or the hook does. The text is gone through a few times,
 * however many lines are asked for.
 */
export class ReachedLines {
  /** By the index of each line. */
  readonly #isReached: readonly boolean[];

  constructor(text: string, { isSet, names }: SourcingBuilds) {
    const lines = text.split('\n');
    const assigned = assignedIn(lines);
    const isMet = remembered((name) => assigned.has(name) || isSet(name));
    const reached = conditionsOf(lines, 0, lines.length, isMet);
    const mentions = mentionsIn(lines);
    const isNamed = remembered(names);
    let done = 0;
    for (const { name, from, to } of proceduresOf(lines)) {
      if (to <= done) continue;
      const { first, last } = mentions.get(name) ?? { first: from, last: from };
      const isCalled = first < from || last >= to || isNamed(name);
      const met = isCalled ? conditionsOf(lines, from, to, isMet) : [];
      // Of procedures within one another the outer one counts.
      for (let index = Math.max(from, done); index < to; index++) reached[index] = met[index - from] ?? false;
      done = to;
    }
    this.#isReached = reached;
  }

  /** @param line from one */
  has(line: number): boolean {
    return this.#isReached[line - 1] ?? true;
  }
}

function remembered(ask: (name: string) => boolean): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    const answer = known.get(name) ?? ask(name);
    known.set(name, answer);
    return answer;
  };
}

/** Procedures that end with a brace of their own, as people write them, in the order of the text. */
function proceduresOf(lines: readonly string[]): Procedure[] {
  const procedures: Procedure[] = [];
  /** Where the next line stands that ends a procedure, by what stands before its brace. */
  const ends = new Map<string, number>();
  for (const [from, text] of [...lines.entries()].toReversed()) {
    const [, indent = '', name] = /^(\s*)(?:function\s+)?([\w-]+)\s*\(\)\s*[{(]/.exec(text) ?? [];
    if (name !== undefined) {
      const end = /[})]\s*$/.test(text) ? from : (ends.get(indent) ?? from);
      procedures.push({ name, from, to: end + 1 });
    }
    const ended = /^(\s*)[})]/.exec(text)?.[1];
    if (ended !== undefined) ends.set(ended, from);
  }
  return procedures.toReversed();
}

/** The first and the last line, by their indices, that mention each word. */
function mentionsIn(
  lines: readonly string[],
): ReadonlyMap<string, { readonly first: number; readonly last: number }> {
  const mentions = new Map<string, { first: number; last: number }>();
  for (const [index, text] of lines.entries())
    for (const [word] of text.replace(/#.*/, '').matchAll(/[\w-]+/g)) {
      const known = mentions.get(word);
      if (known) known.last = index;
      else mentions.set(word, { first: index, last: index });
    }
  return mentions;
}

/** Which lines of a stretch are reached, by the conditions around them. */
function conditionsOf(
  lines: readonly string[],
  from: number,
  to: number,
  isMet: (name: string) => boolean,
): boolean[] {
  const open: boolean[] = [];
  let unmet = 0;
  const close = (): void => {
    if (open.pop() === false) unmet -= 1;
  };
  const begin = (met: boolean): void => {
    open.push(met);
    if (!met) unmet += 1;
  };
  return lines.slice(from, to).map((text) => {
    const isReached = unmet === 0;
    if (/^\s*if\b/.test(text) && !/\bfi\b/.test(text)) {
      const name = neededIn(text);
      begin(name === undefined || isMet(name));
    } else if (/^\s*(?:else|elif)\b/.test(text) && open.length > 0) {
      close();
      begin(true);
    } else if (/^\s*fi\b/.test(text)) close();
    return isReached;
  });
}

/** The variable that has to be set for a condition; undefined where something else may do as well. */
function neededIn(condition: string): string | undefined {
  if (/\|\||(?:^|\s)!\s/.test(condition)) return undefined;
  return /\[\[?\s+-n\s+"?\$\{?([a-zA-Z_]\w*)/.exec(condition)?.[1];
}

/** The variables that a text gives values to. */
function assignedIn(lines: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const text of lines) {
    for (const [name] of text.matchAll(/\b[a-zA-Z_]\w*(?=\+?=|\s+in\b)/g)) names.add(name);
    const at = text.search(/\b(?:read|mapfile|local|declare)\b/);
    if (at >= 0) for (const [name] of text.slice(at).matchAll(/\w+/g)) names.add(name);
  }
  return names;
}
