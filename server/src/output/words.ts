/** `1,819`. */
export function formatNumber(count: number): string {
  return count.toLocaleString('en-US');
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
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** A line of a script; of a store path the hash says nothing to people, and is the longest part. */
export function scriptLine(text: string): string {
  return oneLine(text.replace(/\/[0-9a-df-np-sv-z]{32}-/g, '/…-'), 98);
}

/** Characters that a terminal obeys, and those that turn the direction of writing (Unicode, "Bidi_Control"). */
const obeyed = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Ours, which only colour. */
const ownOrObeyed = new RegExp(`\\u001b\\[(?:[12]|22|3[1239])m|${obeyed.source}`, 'g');

/** Lines for people, of which each stays one whatever names and systems hold. */
export function linesText(lines: readonly string[]): string {
  return lines
    .map((line) => `${line.replace(ownOrObeyed, (match) => (match.length > 1 ? match : named(match)))}\n`)
    .join('');
}

/** One line that no terminal and no reader mistakes for anything else. */
export function visible(text: string): string {
  return text.replace(obeyed, named);
}

function named(character: string): string {
  if (character === '\n' || character === '\t') return ' ';
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Markdown code, whatever the text holds. */
export function code(text: string): string {
  const fence = '`'.repeat(Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)) + 1);
  const padding = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${text}${padding}${fence}`;
}

/** Markdown that shows a text as it is, except that `code` in it stays code. */
export function escapeMarkdown(text: string): string {
  return text.replace(/(?<!`)(`+)(?!`)[^`]*(?<!`)\1(?!`)|[\\*[\]<>#|~`]|\b_|_\b/g, (match, fence?: string) =>
    fence === undefined ? `\\${match}` : match,
  );
}

/** With a full stop, unless the sentence has its end. */
export function endSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
