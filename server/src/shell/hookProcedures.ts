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
 * Can a line of a setup hook be reached? A procedure is where the hook itself or
 * a build names it, and what stands in `if [ -n "$x" ]` where a build sets that
 * variable, or the hook does.
 *
 * @param line from one
 */
export function isReached(text: string, line: number, builds: SourcingBuilds): boolean {
  const lines = text.split('\n');
  const procedure = proceduresOf(lines).find(({ from, to }) => from < line && line <= to);
  if (procedure !== undefined && !isNamed(procedure, lines) && !builds.names(procedure.name)) return false;
  return conditionsAt(lines, procedure?.from ?? 0, line - 1).every(
    (name) => builds.isSet(name) || isAssigned(name, text),
  );
}

/** Procedures that end with a brace of their own, as people write them. */
function proceduresOf(lines: readonly string[]): Procedure[] {
  return lines.flatMap((text, from): Procedure[] => {
    const [, indent = '', name] = /^(\s*)(?:function\s+)?([\w-]+)\s*\(\)\s*[{(]/.exec(text) ?? [];
    if (name === undefined) return [];
    if (/[})]\s*$/.test(text)) return [{ name, from, to: from + 1 }];
    const length = lines.slice(from).findIndex((end) => new RegExp(`^${indent}[})]`).test(end));
    return [{ name, from, to: length < 0 ? from + 1 : from + length + 1 }];
  });
}

function isNamed({ name, from, to }: Procedure, lines: readonly string[]): boolean {
  const mention = new RegExp(`(?<![\\w-])${name}(?![\\w-])`);
  return lines.some((text, index) => (index < from || index >= to) && mention.test(text.replace(/#.*/, '')));
}

/** The variables that have to be set for a line to be reached, by the conditions around it. */
function conditionsAt(lines: readonly string[], from: number, at: number): string[] {
  const open: (string | undefined)[] = [];
  for (const text of lines.slice(from, at)) {
    if (/^\s*if\b/.test(text) && !/\bfi\b/.test(text))
      open.push(/\[\[?\s+-n\s+"?\$\{?([a-zA-Z_]\w*)(?![^|]*\|\|)/.exec(text)?.[1]);
    else if (/^\s*(?:else|elif)\b/.test(text)) open[open.length - 1] = undefined;
    else if (/^\s*fi\b/.test(text)) open.pop();
  }
  return open.filter((name) => name !== undefined);
}

function isAssigned(name: string, text: string): boolean {
  return new RegExp(
    `\\b${name}(?:\\+?=|\\s+in\\b)|\\b(?:read|mapfile|local|declare)\\b[^\\n]*\\b${name}\\b`,
  ).test(text);
}
