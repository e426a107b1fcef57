import type { Position } from '../model/location.ts';
import { DocumentTree, type PointedSource } from '../syntax/documentTree.ts';
import type { NixParser } from '../syntax/parser.ts';
import { TextLimitError } from '../syntax/textLimits.ts';
import type { OpenDocument } from '../snapshot/documents.ts';
import { findSyntaxProblems, type SyntaxProblem } from '../snapshot/syntaxProblems.ts';
import { editBetween } from '../snapshot/textMap.ts';

/** What is known of one open document. */
interface Known {
  tree: DocumentTree | undefined;
  /** The text that is beyond a limit, and which. */
  refused: { readonly text: string; readonly limit: TextLimitError } | undefined;
  /** What was asked last: one question after the other looks at the tree. */
  last: Promise<unknown>;
}

/** Asked when its turn comes: the document as it is then, or undefined where it is not open any more. */
type Newest = () => OpenDocument | undefined;

/** The syntax trees of open documents that somebody pointed at, or that were looked through. */
export class DocumentTrees implements Disposable {
  readonly #loadParser: () => Promise<NixParser>;
  readonly #known = new Map<string, Known>();
  readonly #disposed = new AbortController();

  constructor(loadParser: () => Promise<NixParser>) {
    this.#loadParser = loadParser;
  }

  /** What a position touches; undefined where the document is not open, or beyond a limit. */
  around(file: string, newest: Newest, position: Position): Promise<PointedSource | undefined> {
    return this.#inTurn(file, newest, (tree, document) =>
      tree.around(file, document.lines.offsetAt(position)),
    );
  }

  /** Where the text is no Nix; undefined where the document is not open, or beyond a limit. */
  problems(file: string, newest: Newest): Promise<readonly SyntaxProblem[] | undefined> {
    return this.#inTurn(file, newest, (tree) => findSyntaxProblems(tree.root));
  }

  /** The limit that the document is beyond, once it was parsed; undefined where it is beyond none. */
  async limit(file: string, newest: Newest): Promise<TextLimitError | undefined> {
    await this.#inTurn(file, newest, () => undefined);
    return this.#known.get(file)?.refused?.limit;
  }

  close(file: string): void {
    const known = this.#known.get(file);
    if (!known) return;
    this.#known.delete(file);
    // What is under way still looks at the tree: one that is gone would break the parser's memory.
    known.last = known.last.then(() => known.tree?.[Symbol.dispose]());
  }

  [Symbol.dispose](): void {
    this.#disposed.abort();
    for (const file of this.#known.keys()) this.close(file);
  }

  /** Answers when all that was asked of the file before is answered. */
  #inTurn<Answer>(
    file: string,
    newest: Newest,
    answer: (tree: DocumentTree, document: OpenDocument) => Answer,
  ): Promise<Answer | undefined> {
    const known = this.#known.get(file) ?? { tree: undefined, refused: undefined, last: Promise.resolve() };
    this.#known.set(file, known);
    const ask = async (): Promise<Answer | undefined> => {
      const parser = await this.#loadParser();
      const document = newest();
      const isClosed = (): boolean => this.#known.get(file) !== known;
      if (!document || isClosed() || known.refused?.text === document.text) return undefined;
      try {
        known.refused = undefined;
        const tree = await this.#upToDate(known, parser, document, isClosed);
        return tree && !isClosed() ? answer(tree, document) : undefined;
      } catch (error) {
        if (this.#disposed.signal.aborted) return undefined;
        if (!(error instanceof TextLimitError)) throw error;
        known.refused = { text: document.text, limit: error };
        known.tree?.[Symbol.dispose]();
        known.tree = undefined;
        return undefined;
      }
    };
    const answered = known.last.then(ask);
    known.last = answered.catch(() => undefined);
    return answered;
  }

  async #upToDate(
    known: Known,
    parser: NixParser,
    document: OpenDocument,
    isClosed: () => boolean,
  ): Promise<DocumentTree | undefined> {
    const { signal } = this.#disposed;
    let { tree } = known;
    if (tree) {
      const edit = editBetween(tree.text, document.text);
      if (edit) tree.update(document, edit);
      await tree.prepare(signal);
    } else {
      tree = await DocumentTree.parsed(parser, document, signal);
    }
    if (isClosed()) {
      tree[Symbol.dispose]();
      return undefined;
    }
    known.tree = tree;
    return tree;
  }
}
