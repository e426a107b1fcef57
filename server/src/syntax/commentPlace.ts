import type { Node } from 'web-tree-sitter';

import type { LineIndex } from './lines.ts';

interface Text {
  readonly text: string;
  readonly root: Node;
  readonly lines: LineIndex;
}

/** The comment that an offset is in; undefined where it is in none. */
export function commentAt(root: Node, offset: number): Node | undefined {
  const node = root.descendantForIndex(offset, offset + 1);
  return node?.type === 'comment' ? node : undefined;
}

/** Is there something besides blanks and comments before a comment, on the line where it starts? */
export function hasCodeBefore({ startIndex }: Node, { text, root, lines }: Text): boolean {
  const { line } = lines.positionAt(startIndex);
  for (let at = lines.offsetAt({ line, character: 0 }); ;) {
    at = behindBlanks(text, at);
    if (at >= startIndex) return false;
    const before = commentAt(root, at);
    if (!before) return true;
    at = before.endIndex;
  }
}

/** The offset of what follows a comment, other comments aside; undefined at the end of the text. */
export function codeBehind({ endIndex }: Node, { text, root }: Text): number | undefined {
  for (let at = endIndex; ;) {
    at = behindBlanks(text, at);
    if (at >= text.length) return undefined;
    const next = commentAt(root, at);
    if (!next) return at;
    at = next.endIndex;
  }
}

function behindBlanks(text: string, offset: number): number {
  const blanks = /\s*/y;
  blanks.lastIndex = offset;
  return offset + (blanks.exec(text)?.[0].length ?? 0);
}

/**
 * The lines, from zero, at which somebody may speak of the expression that
 * covers a stretch: the one where it starts, and where it starts the value of a
 * binding, perhaps in parentheses, the one where that binding does.
 */
export function linesOf(start: number, end: number, { root, lines }: Omit<Text, 'text'>): number[] {
  const own = lines.positionAt(start).line;
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

/** False where a line that is inserted before this offset would become part of a string or a comment. */
export function isInCode(offset: number, root: Node): boolean {
  for (let node = root.descendantForIndex(offset, offset + 1); node; node = node.parent) {
    if (node.startIndex >= offset) continue;
    if (node.type === 'interpolation') return true;
    if (node.type === 'comment' || node.type.endsWith('string_expression')) return false;
  }
  return true;
}
