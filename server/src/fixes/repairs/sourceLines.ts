import type { Span } from '../../syntax/ast.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';
import type { SourceEdit } from '../fix.ts';
import { replace } from '../repair.ts';

/**
 * The line of an element that stands alone in it, with its line break, the
 * comment behind it, and those above it where they are about nothing else.
 */
export function ownLine(source: SourceFile, element: Span): Span | undefined {
  const { text } = source;
  const start = lineStart(source, element.start);
  const end = endOfLine(source, element.end);
  const [before, after] = [text.slice(start, element.start), text.slice(element.end, end)];
  if (before.trim() !== '' || !/^\s*(?:#.*)?\s*$/.test(after) || start === 0 || end === text.length)
    return undefined;
  const next = text.slice(end + 1, endOfLine(source, end + 1)).trim();
  const isAlone = next === '' || /^(?:\]|#|\S+\s+#)/.test(next);
  return { start: isAlone ? startOfComments(source, start) : start, end: end + 1 };
}

function startOfComments(source: SourceFile, line: number): number {
  let start = line;
  while (start > 0) {
    const above = lineStart(source, start - 1);
    if (!/^\s*#/.test(source.text.slice(above, start))) break;
    start = above;
  }
  return start;
}

/** The comments in the lines above a binding. */
export function commentsAbove(source: SourceFile, { start }: Span): string[] {
  const line = lineStart(source, start);
  const lines = source.text.slice(startOfComments(source, line), line).split('\n');
  return lines.map((text) => text.trim()).filter((text) => text !== '');
}

/** Takes a binding away, with its lines and comments, and one of the blank lines around it. */
export function removeLines(source: SourceFile, binding: Span): SourceEdit {
  const { text } = source;
  const line = lineStart(source, binding.start);
  const start = startOfComments(source, line);
  const end = endOfLine(source, binding.end);
  const isAlone = text.slice(line, binding.start).trim() === '' && text.slice(binding.end, end).trim() === '';
  if (!isAlone) {
    const before = /\s*$/.exec(text.slice(0, binding.start))?.[0].length ?? 0;
    return replace(source, { start: binding.start - before, end: binding.end }, '');
  }
  const isBlankAbove = /\n[ \t]*\r?\n$/.test(text.slice(0, start));
  const below = text.slice(end + 1, endOfLine(source, end + 1));
  const isBlankBelow = isBlankAbove && below.trim() === '' && end + 1 < text.length;
  return replace(source, { start, end: isBlankBelow ? endOfLine(source, end + 1) + 1 : end + 1 }, '');
}

export function lineStart(source: SourceFile, offset: number): number {
  return source.text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the line ends in which an offset lies: at its line break. */
export function endOfLine(source: SourceFile, offset: number): number {
  const end = source.text.indexOf('\n', offset);
  return end < 0 ? source.text.length : end;
}

export function indentationAt(source: SourceFile, line: number): string {
  return /^[ \t]*/.exec(source.text.slice(line))?.[0] ?? '';
}
