import { Edit, type Node, type Tree } from 'web-tree-sitter';

import { inSlices } from '../model/slices.ts';
import type { Span } from './ast.ts';
import { bindingRunAround } from './bindingRun.ts';
import { buildAstAround, buildBindingsAround, type Patch } from './buildAst.ts';
import { isTooDeep } from './depth.ts';
import type { LineIndex } from './lines.ts';
import type { NixParser } from './parser.ts';
import type { SourceFile } from './sourceFile.ts';
import { TextLimitError } from './textLimits.ts';

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
 *
 * Even so the parser takes each binding of a long set into its hand again. So
 * edits between two bindings are parsed with these two alone. While they are no
 * Nix yet (a quote that waits for the other one), what is around them is read
 * as it was before.
 */
export class DocumentTree implements Disposable {
  readonly #parser: NixParser;
  #text: Text;
  #tree: Tree;
  /** Holds what was edited since the tree was parsed. */
  #edited: Span | undefined;
  #isDisposed = false;

  /** @throws TextLimitError */
  constructor(parser: NixParser, text: Text, tree: Tree = parser.parse(text.text)) {
    this.#parser = parser;
    this.#text = text;
    this.#tree = tree;
  }

  /**
   * The same in slices, between which others have their turn.
   *
   * @throws TextLimitError, or the reason of `signal`
   */
  static async parsed(parser: NixParser, text: Text, signal?: AbortSignal): Promise<DocumentTree> {
    const tree = await inSlices(parser.parseInSteps(text.text), signal);
    try {
      await refuseDeep(tree, signal);
    } catch (error) {
      tree.delete();
      throw error;
    }
    return new DocumentTree(parser, text, tree);
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
    const { start, end } = this.#edited ?? edit;
    this.#edited = {
      start: Math.min(start, edit.start),
      end: Math.max(end, edit.end) + newEnd - edit.end,
    };
    this.#text = text;
  }

  /**
   * Parses in slices what {@link around} would parse at once; to be called
   * before it, and not while there is another update.
   *
   * @throws TextLimitError, or the reason of `signal`
   */
  async prepare(signal?: AbortSignal): Promise<void> {
    if (!this.#edited || bindingRunAround(this.#tree, this.#edited)) return;
    const former = this.#tree;
    const tree = await inSlices(this.#parser.parseInSteps(this.#text.text, former), signal);
    if (this.#isDisposed) {
      tree.delete();
      return;
    }
    this.#tree = tree;
    this.#edited = undefined;
    former.delete();
    await refuseDeep(this.#tree, signal);
  }

  /**
   * Of the whole text; to be read before the next update.
   *
   * @throws TextLimitError
   */
  get root(): Node {
    if (this.#edited) this.#parseWhole();
    return this.#tree.rootNode;
  }

  /**
   * What an offset touches.
   *
   * @throws TextLimitError
   */
  around(file: string, offset: number): PointedSource {
    const patch = this.#edited && this.#patchAround(this.#edited, offset);
    const root = buildAstAround(this.#tree, this.#text.text, offset, patch);
    return { file, root, lines: this.#text.lines };
  }

  /** What was edited, parsed on its own; undefined where the tree holds all that the offset touches. */
  #patchAround(edited: Span, offset: number): Patch | undefined {
    const run = bindingRunAround(this.#tree, edited);
    if (!run) {
      this.#parseWhole();
      return undefined;
    }
    if (offset < run.start || run.end < offset) return undefined;
    const { text } = this.#text;
    const tree = this.#parser.parse(`{${text.slice(run.start, run.end)}}`);
    const isEdited = edited.start <= offset && offset <= edited.end;
    try {
      if (tree.rootNode.hasError && !isEdited) return undefined;
      return { set: run.set, bindings: buildBindingsAround(tree, text, run.start - 1, offset) };
    } finally {
      tree.delete();
    }
  }

  #parseWhole(): void {
    const former = this.#tree;
    this.#tree = this.#parser.parse(this.#text.text, former);
    this.#edited = undefined;
    former.delete();
  }

  [Symbol.dispose](): void {
    if (!this.#isDisposed) this.#tree.delete();
    this.#isDisposed = true;
  }
}

/** @throws TextLimitError, or the reason of `signal` */
async function refuseDeep(tree: Tree, signal: AbortSignal | undefined): Promise<void> {
  if (await inSlices(isTooDeep(tree), signal)) throw new TextLimitError('depth');
}

function pointAt({ lines }: Text, offset: number): { row: number; column: number } {
  const { line, character } = lines.positionAt(offset);
  return { row: line, column: character };
}
