import type { TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';
import type { Position, Range, TextEdit } from 'vscode-languageserver-types';

/** A version of an open document. */
interface OpenText {
  readonly version: number;
  readonly text: string;
}

/** What an editor tells the server of an edit. */
export interface EditedText {
  readonly version: number;
  readonly contentChanges: readonly TextDocumentContentChangeEvent[];
}

/** The documents that an editor has open, by file, with its edits in them. */
export class OpenTexts {
  readonly #texts = new Map<string, OpenText>();

  get files(): Iterable<string> {
    return this.#texts.keys();
  }

  open(file: string, text: string): void {
    this.#texts.set(file, { version: 1, text });
  }

  close(file: string): void {
    this.#texts.delete(file);
  }

  /** The newest version; throws where the file is not open. */
  of(file: string): OpenText {
    const open = this.#texts.get(file);
    if (!open) throw new Error(`${file} is not open`);
    return open;
  }

  rewrite(file: string, text: string): EditedText {
    const version = this.of(file).version + 1;
    this.#texts.set(file, { version, text });
    return { version, contentChanges: [{ text }] };
  }

  edit(file: string, range: Range, newText: string): EditedText {
    return this.apply(file, [{ range, newText }]);
  }

  /** Makes edits that are all of the same version, the last in the text first. */
  apply(file: string, edits: readonly TextEdit[]): EditedText {
    const before = this.of(file);
    const inOrder = [...edits].sort(
      (one, other) => offsetAt(before.text, other.range.start) - offsetAt(before.text, one.range.start),
    );
    let { text } = before;
    for (const { range, newText } of inOrder) {
      const [start, end] = [offsetAt(text, range.start), offsetAt(text, range.end)];
      text = text.slice(0, start) + newText + text.slice(end);
    }
    const version = before.version + 1;
    this.#texts.set(file, { version, text });
    return { version, contentChanges: inOrder.map(({ range, newText }) => ({ range, text: newText })) };
  }

  /** Where a text first stands, `into` characters into it. */
  positionOf(file: string, wanted: string, into = 0): Position {
    const { text } = this.of(file);
    const at = text.indexOf(wanted);
    if (at === -1) throw new Error(`${file} has no ${JSON.stringify(wanted)}`);
    return positionAt(text, at + into);
  }

  /** A stretch that is counted in UTF-16 from the start. */
  rangeBetween(file: string, start: number, end: number): Range {
    const { text } = this.of(file);
    return { start: positionAt(text, start), end: positionAt(text, end) };
  }
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length - 1, character: offset - (before.lastIndexOf('\n') + 1) };
}

function offsetAt(text: string, { line, character }: Position): number {
  return (
    text
      .split('\n')
      .slice(0, line)
      .reduce((sum, row) => sum + row.length + 1, 0) + character
  );
}
