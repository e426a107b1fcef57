import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';

import type { Range } from '../model/location.ts';
import { indexLines, type LineIndex } from '../syntax/lines.ts';
import { editsBetween, type AppliedEdit } from './editsBetween.ts';
import type { TextEdit } from './textMap.ts';

/*
 * Versions of documents are kept by hand, on purpose. The `TextDocument` of
 * vscode-languageserver-textdocument is changed in place by each edit, but a
 * snapshot that somebody still answers from has to stay as it was. It does not
 * tell either which edits led to a text, by which ranges of reports are carried
 * on, nor what an edit was where the editor sends whole texts.
 */

/** One version of a document that is open in the editor. Immutable. */
export interface OpenDocument {
  /** As the editor spells it. */
  readonly uri: string;
  /** Absolute path. */
  readonly file: string;
  readonly version: number;
  readonly text: string;
  readonly lines: LineIndex;
}

/** A new version of a document together with the edits that led to it, in order. */
export interface DocumentChange {
  readonly document: OpenDocument;
  /** Each with the text that it produced. */
  readonly edits: readonly AppliedEdit[];
}

/** The absolute path of a `file:` URI; undefined for any other scheme. */
export function fileOfUri(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    // A URI of another machine (`file://host/…`) or with an encoded slash names no file here.
    return undefined;
  }
}

export function uriOfFile(file: string): string {
  return pathToFileURL(file).href;
}

export function openDocument(uri: string, file: string, version: number, text: string): OpenDocument {
  return { uri, file, version, text, lines: indexLines(text) };
}

/** Applies the content changes of one `textDocument/didChange`, each to what the former left. */
export function changeDocument(
  before: OpenDocument,
  version: number,
  changes: readonly TextDocumentContentChangeEvent[],
): DocumentChange {
  const edits: AppliedEdit[] = [];
  let { text, lines } = before;
  for (const change of changes) {
    const steps =
      'range' in change
        ? [applied(text, editOf(lines, change.range, change.text))]
        : editsBetween(text, change.text);
    for (const { edit, after } of steps) lines = lines.edited(edit, after);
    text = steps.at(-1)?.after ?? text;
    edits.push(...steps);
  }
  return { document: { ...before, version, text, lines }, edits };
}

function applied(text: string, edit: TextEdit): AppliedEdit {
  return { edit, after: text.slice(0, edit.start) + edit.newText + text.slice(edit.end) };
}

function editOf(lines: LineIndex, range: Range, newText: string): TextEdit {
  const one = lines.offsetAt(range.start);
  const other = lines.offsetAt(range.end);
  return { start: Math.min(one, other), end: Math.max(one, other), newText };
}
