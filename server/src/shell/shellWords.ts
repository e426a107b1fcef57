import type { Node } from 'web-tree-sitter';

/**
 * What a word of a script may be once its variables are expanded: at least one
 * text. What is not known stays as it is written: `$name`, `$(command)`.
 */
export type Values = readonly string[];

/** A word with the line of the script that it stands in, from one. */
export interface Word {
  readonly values: Values;
  readonly line: number;
}

/** The shell variables whose values are known, by name. */
export type ShellVariables = Map<string, Values>;

/** A word that may have more values is looked at for so many of them. */
export const maximumValues = 8;

/** Longer values are cut: a variable that is made of itself, twice, doubles with every assignment. */
const maximumLength = 256 * 1024;

/** Texts with a separator between them, cut where they are longer than anything that people write. */
export function joinTexts(texts: readonly string[], separator: string): string {
  let joined = '';
  for (const [index, text] of texts.entries()) {
    if (joined.length > maximumLength) break;
    joined += index === 0 ? text : separator + text;
  }
  return cut(joined);
}

function cut(text: string): string {
  return text.length > maximumLength ? text.slice(0, maximumLength) : text;
}

/** Expands a word, a quoted string or the body of a here-document. */
export function valuesOf(node: Node, variables: ShellVariables): Values {
  switch (node.type) {
    case 'raw_string':
      return [node.text.slice(1, -1)];
    case 'ansi_c_string':
      return [unescapeAnsi(node.text.slice(2, -1))];
    case 'simple_expansion':
    case 'expansion':
      return expand(node.text, variables);
    case 'string':
      return joinParts(node, variables, 1, unescapeQuoted);
    case 'translated_string':
      return joinParts(node, variables, 2, unescapeQuoted);
    case 'heredoc_body':
      return joinParts(node, variables, 0, unescapeQuoted);
    case 'word':
      return [node.text.replace(/\\([^])/g, (_, character: string) => (character === '\n' ? '' : character))];
    case 'array':
      return [
        joinTexts(
          node.namedChildren.map((child) => valuesOf(child, variables)[0] ?? ''),
          ' ',
        ),
      ];
    case 'command_name':
    case 'concatenation':
      return joinParts(node, variables, 0, (text) => text);
    default:
      return [node.text];
  }
}

/** The texts between the children of a node, which the grammar leaves out, joined with the children's values. */
function joinParts(
  node: Node,
  variables: ShellVariables,
  quoteLength: number,
  unescape: (text: string) => string,
): Values {
  const { text, startIndex } = node;
  const end = quoteLength > 0 && text.endsWith('"') ? text.length - 1 : text.length;
  let values: Values = [''];
  let position = quoteLength;
  for (const child of node.namedChildren) {
    if (child.type === 'string_content' || child.type === 'heredoc_content') continue;
    const start = child.startIndex - startIndex;
    values = append(values, [unescape(text.slice(position, start))]);
    values = append(values, valuesOf(child, variables));
    position = child.endIndex - startIndex;
  }
  return append(values, [unescape(text.slice(position, end))]);
}

function append(heads: Values, tails: Values): Values {
  const [tail] = tails;
  if (tail !== undefined && tails.length === 1)
    return tail === '' ? heads : heads.map((head) => cut(head + tail));
  return heads.flatMap((head) => tails.map((other) => cut(head + other))).slice(0, maximumValues);
}

/** `$name`, `${name}` and `${name:-default}`; anything else that a shell can do with a variable is not known. */
function expand(text: string, variables: ShellVariables): Values {
  const name = /^\$(?:(\w+)|\{(\w+)(?:\[[@*]\])?(?::?[-=?+][^]*)?\})$/.exec(text);
  return variables.get(name?.[1] ?? name?.[2] ?? '') ?? [text];
}

function unescapeQuoted(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\$`\n])/g, (_, c: string) => (c === '\n' ? '' : c)) : text;
}

const ansiEscapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unescapeAnsi(text: string): string {
  return text.replace(/\\([^])/g, (_, character: string) => ansiEscapes[character] ?? character);
}
