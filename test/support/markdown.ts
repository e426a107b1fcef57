import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import MarkdownIt, { type Token } from 'markdown-it';

const parser = new MarkdownIt({ html: true });

const repository = join(import.meta.dirname, '../..');

/** The pages that people read, by their paths in the repository. */
export const documentation: readonly string[] = [
  ...readdirSync(repository).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(repository, 'docs')).map((name) => `docs/${name}`),
];

export function readPage(page: string): string {
  return readFileSync(join(repository, page), 'utf8');
}

/** Where the links and images of a text lead, as they are written. */
export function linksOf(text: string): string[] {
  return inlineOf(text).flatMap((token) => {
    const target = token.attrGet(token.type === 'image' ? 'src' : 'href');
    return (token.type === 'link_open' || token.type === 'image') && target !== null ? [target] : [];
  });
}

/** The code spans of a text. */
export function codeOf(text: string): string[] {
  return inlineOf(text).flatMap((token) => (token.type === 'code_inline' ? [token.content] : []));
}

/** The code blocks of a text, each with the word behind its fence. */
export function blocksOf(text: string): { readonly language: string; readonly content: string }[] {
  return parser
    .parse(text, {})
    .flatMap((token) => (token.type === 'fence' ? [{ language: token.info, content: token.content }] : []));
}

/** The anchors that GitHub gives the headings of a text. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const tokens = parser.parse(text, {});
  for (const [at, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const words = (tokens[at + 1]?.children ?? []).map(({ content }) => content).join('');
    const anchor = words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count++) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

function inlineOf(text: string): Token[] {
  return parser.parse(text, {}).flatMap(({ children }) => children ?? []);
}
