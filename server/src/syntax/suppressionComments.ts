import type { Node } from 'web-tree-sitter';

import { ruleIds, type RuleId } from '../model/judgement.ts';
import type { SourceRange } from '../model/location.ts';
import type { Suppression, SuppressionEdit, SuppressionProblem } from '../model/suppression.ts';
import type { Span } from './ast.ts';
import { placedComments, type PlacedComment } from './commentPlace.ts';
import type { LineIndex } from './lines.ts';

/** A parsed text, as far as its comments matter. */
export interface CommentedText {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  readonly root: Node;
  readonly lines: LineIndex;
}

/** The suppressions of one text. */
export interface ReadSuppressions {
  readonly suppressions: readonly Suppression[];
  readonly problems: readonly SuppressionProblem[];
}

/** How a suppression is written; `why` is a person's reason. */
export function suppressionText(rules: readonly RuleId[], why: string): string {
  return `${word}: allow ${rules.join(', ')}: ${why}`;
}

const word = 'nix-platform-lens';

/** False where a text has no suppression for sure: then it need not be parsed. */
export function mayHaveSuppressions(text: string): boolean {
  return text.includes(word);
}

/** A comment that is meant to be one: the word at its start, with a colon or an `allow` behind it. */
const meant = new RegExp(String.raw`^(?:#+|/\*+)\s*${word}(?:\s*:|\s+allow\b)`);
/** The rules, and the reason where there is one. */
const form = new RegExp(
  String.raw`^(?:#+|/\*+)\s*${word}\s*:\s*allow\s+([\w-]+(?:\s*,\s*[\w-]+)*)\s*(:.*)?$`,
  'ds',
);

/**
 * Finds the comments `# nix-platform-lens: allow RULE[, RULE]: REASON`, or the
 * same between slashes and stars.
 *
 * One behind code speaks of what starts on its own line (its first one); any
 * other speaks of what starts on the line of the next code: on its own line
 * where code follows there, else below, blank lines and comments between them.
 */
export function readSuppressions(source: CommentedText): ReadSuppressions {
  const suppressions: Suppression[] = [];
  const problems: SuppressionProblem[] = [];
  if (!mayHaveSuppressions(source.text)) return { suppressions, problems };
  for (const comment of placedComments(source)) {
    const read = meant.test(comment.node.text) ? readComment(comment, source) : undefined;
    if (read && 'rules' in read) suppressions.push(read);
    else if (read) problems.push(read);
  }
  return { suppressions, problems };
}

function readComment(
  { node: comment, hasCodeBefore, codeBehind }: PlacedComment,
  source: CommentedText,
): Suppression | SuppressionProblem {
  const span = spanOf(comment);
  const place = rangeIn(source, span);
  const removal = rangeIn(source, removalOf(comment, source));
  const problem = (message: string, ...edits: SuppressionEdit[]): SuppressionProblem => ({
    source: place,
    message,
    edits: [...edits, { ...removal, title: 'Remove the suppression', newText: '' }],
  });
  const content = withoutEnd(comment.text);
  const found = form.exec(content);
  const [from, to] = found?.indices?.[1] ?? [];
  if (!found || from === undefined || to === undefined)
    return problem(`This suppression cannot be read. Write \`# ${word}: allow RULE: REASON\`.`);
  const names = (found[1] ?? '').split(',').map((name) => name.trim());
  const rules = ruleIds.filter((id) => names.includes(id));
  const unknown = names.filter((name) => !rules.some((id) => id === name));
  if (unknown.length > 0) {
    const what = unknown.map((name) => `\`${name}\``).join(' and ');
    const are = unknown.length > 1 ? 'are no rules' : 'is no rule';
    return problem(`${what} ${are}, so this suppression is not heeded. The rules are ${ruleIds.join(', ')}.`);
  }
  const reason = (found[2] ?? '').slice(1).replace(/\s+/g, ' ').trim();
  if (reason === '') {
    const at = span.start + content.length;
    const newText = found[2] === undefined ? ': why' : ' why';
    return problem(
      'This suppression gives no reason, and is not heeded. Write one behind the rules and a colon.',
      { ...rangeIn(source, { start: at, end: at }), title: 'Give a reason', newText },
    );
  }
  const behind = hasCodeBefore ? span.start : codeBehind;
  return {
    source: place,
    rules,
    reason,
    line: behind === undefined ? undefined : source.lines.positionAt(behind).line,
    named: rangeIn(source, { start: span.start + from, end: span.start + to }),
    removal,
  };
}

/** The grammar takes the first character of CRLF for the last one of a comment. */
function spanOf({ text, startIndex, endIndex }: Node): Span {
  return { start: startIndex, end: text.endsWith('\r') ? endIndex - 1 : endIndex };
}

/** A comment without what ends it, and the blanks before that. */
function withoutEnd(text: string): string {
  if (!text.startsWith('/*')) return text.trimEnd();
  let end = text.length - (text.endsWith('*/') ? 2 : 0);
  while (text.charAt(end - 1) === '*') end -= 1;
  return text.slice(0, end).trimEnd();
}

/** Lines that hold nothing else go as a whole; else the blanks towards the code. */
function removalOf(comment: Node, { text }: CommentedText): Span {
  const { start, end } = spanOf(comment);
  const before = /[^\S\r\n]*$/.exec(text.slice(Math.max(0, start - mostBlanks), start))?.[0].length ?? 0;
  const after = /^[^\S\r\n]*/.exec(text.slice(end, end + mostBlanks))?.[0].length ?? 0;
  const isFirst = start === before || /[\r\n]/.test(text.charAt(start - before - 1));
  const lineEnd = /^(?:\r\n?|\n|$)/.exec(text.slice(end + after, end + after + 2))?.[0];
  if (isFirst)
    return {
      start: lineEnd === undefined ? start : start - before,
      end: end + after + (lineEnd?.length ?? 0),
    };
  return { start: start - before, end };
}

/** Nobody indents further; looking back is bounded. */
const mostBlanks = 1000;

function rangeIn({ file, lines }: CommentedText, span: Span): SourceRange {
  return { file, range: lines.rangeOf(span) };
}
