/** Writes `1,819`. Not by `toLocaleString`, which reads the data of all languages first: 25 ms of every command. */
export function formatNumber(count: number | bigint): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 input`, `2 inputs`. */
export function countOf(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Names in a row, the last ones counted: `a, b, c and 2 more`. */
export function listOf(names: readonly string[], most = 3): string {
  const shown = names.length > most + 1 ? names.slice(0, most) : names;
  const rest = names.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${formatNumber(rest)} more` : '');
}

/** An expression on one line, cut where it is long. */
export function oneLine(text: string, most = 60): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}

/** A line of a script; of a store path the hash says nothing to people, and is the longest part. */
export function scriptLine(text: string): string {
  return oneLine(text.replace(/\/[0-9a-df-np-sv-z]{32}-/g, '/…-'), 98);
}

/** With a full stop, unless the sentence has its end. */
export function endSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
