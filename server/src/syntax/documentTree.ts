import { Edit, type Tree } from 'web-tree-sitter';

import { buildAstAround } from './buildAst.ts';
import type { LineIndex } from './lines.ts';
import type { NixParser } from './parser.ts';
import type { SourceFile } from './sourceFile.ts';
import type { Span } from './ast.ts';

/** A file of which only what one offset touches is told; see {@link buildAstAround}. */
export type PointedSource = Pick<SourceFile, 'file' | 'root' | 'lines'>;

/** A text with its lines. */
interface Text {
  readonly text: string;
  readonly lines: LineIndex;
}

/**
 * The syntax tree of a document that is being edited: what an edit left alone
 * is not parsed again. It lies in WebAssembly's memory until it is disposed of.
 */
export class DocumentTree implements Disposable {
  readonly #parser: NixParser;
  #text: Text;
  #tree: Tree;

  constructor(parser: NixParser, text: Text) {
    this.#parser = parser;
    this.#text = text;
    this.#tree = parser.parse(text.text);
  }

  get text(): string {
    return this.#text.text;
  }

  /** Takes over another text, which differs from the former in one stretch. */
  update(text: Text, edit: Span & { readonly newText: string }): void {
    const newEnd = edit.start + edit.newText.length;
    this.#tree.edit(
      new Edit({
        startIndex: edit.start,
        oldEndIndex: edit.end,
        newEndIndex: newEnd,
        startPosition: pointAt(this.#text, edit.start),
        oldEndPosition: pointAt(this.#text, edit.end),
        newEndPosition: pointAt(text, newEnd),
      }),
    );
    const former = this.#tree;
    this.#tree = this.#parser.parse(text.text, former);
    this.#text = text;
    former.delete();
  }

  /** What an offset touches. */
  around(file: string, offset: number): PointedSource {
    return { file, root: buildAstAround(this.#tree, offset), lines: this.#text.lines };
  }

  [Symbol.dispose](): void {
    this.#tree.delete();
  }
}

function pointAt({ lines }: Text, offset: number): { row: number; column: number } {
  const { line, character } = lines.positionAt(offset);
  return { row: line, column: character };
}
