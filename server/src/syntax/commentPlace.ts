import type { Node } from 'web-tree-sitter';

import type { LineIndex } from './lines.ts';

interface Text {
  readonly text: string;
  readonly root: Node;
  readonly lines: LineIndex;
}

/** A comment of a text, and what stands around it. */
export interface PlacedComment {
  readonly node: Node;
  /** There is something besides blanks and comments before it, on the line where it starts. */
  readonly hasCodeBefore: boolean;
  /** The offset of what follows it, other comments aside; undefined at the end of the text. */
  readonly codeBehind: number | undefined;
}

/** All comments of a text in their order: each is looked at once, however many follow one another. */
export function placedComments({ text, root, lines }: Text): PlacedComment[] {
  const nodes = root.descendantsOfType('comment');
  const before: boolean[] = [];
  for (const [index, { startIndex }] of nodes.entries()) {
    const lineStart = lines.offsetAt({ line: lines.positionAt(startIndex).line, character: 0 });
    const previous = nodes[index - 1];
    const isBehindAnother = previous !== undefined && previous.endIndex > lineStart;
    const from = isBehindAnother ? previous.endIndex : lineStart;
    const isBlank = behindBlanks(text, from) >= startIndex;
    const isOnItsLine = isBehindAnother && previous.startIndex >= lineStart;
    before.push(!isBlank || (isOnItsLine && before[index - 1] === true));
  }
  const behind: (number | undefined)[] = [];
  for (const [index, { endIndex }] of [...nodes.entries()].reverse()) {
    const at = behindBlanks(text, endIndex);
    const next = nodes[index + 1];
    if (next?.startIndex === at) behind[index] = behind[index + 1];
    else behind[index] = at < text.length ? at : undefined;
  }
  return nodes.map((node, index) => ({
    node,
    hasCodeBefore: before[index] === true,
    codeBehind: behind[index],
  }));
}

function behindBlanks(text: string, offset: number): number {
  const blanks = /\s*/y;
  blanks.lastIndex = offset;
  return offset + (blanks.exec(text)?.[0].length ?? 0);
}

/**
 * The lines, from zero, at which somebody may speak of the expression that
 * covers a stretch: the one where it starts, and where it starts the value of a
 * binding, perhaps in parentheses, the one where that binding does. Of a stretch
 * of a string those of the string as well, for there is no comment in one.
 */
export function linesOf(start: number, end: number, { root, lines }: Omit<Text, 'text'>): number[] {
  const own = lines.positionAt(start).line;
  const string = stringAround(start, root);
  if (string) return [...new Set([own, ...linesOf(string.startIndex, string.endIndex, { root, lines })])];
  let node = root.descendantForIndex(start, end);
  for (let parent = node?.parent; node && parent; node = parent, parent = node.parent) {
    if (parent.type === 'binding') {
      const isValue = parent.childForFieldName('expression')?.id === node.id;
      return isValue ? [own, lines.positionAt(parent.startIndex).line] : [own];
    }
    if (parent.startIndex !== node.startIndex && parent.type !== 'parenthesized_expression') break;
  }
  return [own];
}

/** The innermost string that an offset lies in, where it is its text, and no interpolation; undefined elsewhere. */
export function stringAround(offset: number, root: Node): Node | undefined {
  for (let node = root.descendantForIndex(offset, offset + 1); node; node = node.parent) {
    if (node.startIndex >= offset) continue;
    if (node.type === 'interpolation') return undefined;
    if (node.type.endsWith('string_expression')) return node;
  }
  return undefined;
}

/** False where a line that is inserted before this offset would become part of a string or a comment. */
export function isInCode(offset: number, root: Node): boolean {
  for (let node = root.descendantForIndex(offset, offset + 1); node; node = node.parent) {
    if (node.startIndex >= offset) continue;
    if (node.type === 'interpolation') return true;
    if (node.type === 'comment' || node.type.endsWith('string_expression')) return false;
  }
  return true;
}
