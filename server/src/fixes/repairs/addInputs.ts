import type { AttributeBinding, List } from '../../syntax/ast.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import type { SourceEdit } from '../fix.ts';
import { insert, replace } from '../repair.ts';
import { termsOf, type PlacedInput } from './inputLists.ts';
import { endOfLine, indentationAt, lineStart, ownLine } from './sourceLines.ts';

/** What is moved, as it is to be written. */
export interface MovedInput extends PlacedInput {
  readonly text: string;
}

/** What was in one list. */
export type MovedGroup = readonly [MovedInput, ...MovedInput[]];

/** Adds to a value that is there, with comments that were about the list that is gone. */
export function addTo(
  source: SourceFile,
  { start, value }: AttributeBinding,
  group: MovedGroup,
  comments: readonly string[],
): SourceEdit[] {
  const [{ term }] = group;
  const terms = termsOf(source, value);
  const same = terms.find(({ wrapper, list }) => list !== undefined && wrapper === term.wrapper);
  if (same?.list) {
    const lines = addLines(source, same.list, group, comments);
    if (lines) return [lines];
    const added = addToLine(source, same.list, group);
    return [...commentsInFront(source, start, comments), added];
  }
  const line = lineStart(source, term.expression.start);
  const isOnOwnLine = /^\s*\+\+\s*$/.test(source.text.slice(line, term.expression.start));
  const indentation = indentationAt(source, isOnOwnLine ? line : lineStart(source, value.start));
  const text = termText(source, group, indentation);
  const [only] = terms;
  const isEmpty =
    terms.length === 1 && only?.list?.elements.length === 0 && !textOf(source, value).includes('#');
  const edit = isEmpty
    ? replace(source, value, text)
    : insert(source, value.end, `${isOnOwnLine ? `\n${indentation}` : ' '}++ ${text}`);
  return [...commentsInFront(source, start, comments), edit];
}

/** Adds to a list of one line. */
function addToLine(source: SourceFile, list: List, group: MovedGroup): SourceEdit {
  const text = group.map((input) => input.text).join(' ');
  const last = list.elements.at(-1);
  if (last) return insert(source, last.end, ` ${text}`);
  const inner = { start: list.start + 1, end: list.end - 1 };
  const isBlank = source.text.slice(inner.start, inner.end).trim() === '';
  return isBlank ? replace(source, inner, ` ${text} `) : insert(source, inner.start, ` ${text}`);
}

/** Adds to a list whose last element has a line of its own; undefined where it has not. */
function addLines(
  source: SourceFile,
  list: List,
  group: MovedGroup,
  comments: readonly string[],
): SourceEdit | undefined {
  const last = list.elements.at(-1);
  const line = last && lineStart(source, last.start);
  if (!last || line === undefined || !/^\s*$/.test(source.text.slice(line, last.start))) return undefined;
  const indentation = indentationAt(source, line);
  const end = endOfLine(source, last.end);
  const lines = [
    ...comments.map((comment) => indentation + comment),
    ...group.flatMap((input) => linesOf(input, indentation)),
  ];
  // A closing bracket may stand behind the last element.
  return insert(source, end > list.end - 1 ? last.end : end, lines.map((text) => `\n${text}`).join(''));
}

function commentsInFront(source: SourceFile, start: number, comments: readonly string[]): SourceEdit[] {
  if (comments.length === 0) return [];
  const indentation = indentationAt(source, lineStart(source, start));
  return [insert(source, start, comments.map((comment) => `${comment}\n${indentation}`).join(''))];
}

/** The elements of one list as a list of their own, under the same condition. */
export function termText(source: SourceFile, group: MovedGroup, indentation: string): string {
  const [{ term }] = group;
  const { wrapper, list, element } = term;
  const before = wrapper === '' ? '' : `${wrapper} `;
  if (element) return before + group.map(({ text }) => text).join(' ');
  const isLong = list !== undefined && group.every(({ element: one }) => ownLine(source, one) !== undefined);
  if (!isLong) return `${before}[ ${group.map(({ text }) => text).join(' ')} ]`;
  const first = lineStart(source, group[0].element.start);
  const step = indentationAt(source, first).slice(
    indentationAt(source, lineStart(source, list.start)).length,
  );
  const lines = group.flatMap((input) => linesOf(input, indentation + (step === '' ? '  ' : step)));
  return `${before}[\n${lines.join('\n')}\n${indentation}]`;
}

/** An element in its own line, with its comments. */
function linesOf({ source, element, text }: MovedInput, indentation: string): string[] {
  const own = ownLine(source, element);
  if (!own) return [indentation + text];
  const comments = source.text.slice(own.start, lineStart(source, element.start)).split('\n');
  const above = comments.map((line) => line.trim()).filter((line) => line !== '');
  const behind = source.text.slice(element.end, own.end).trimEnd();
  return [...above.map((line) => indentation + line), indentation + text + behind];
}
