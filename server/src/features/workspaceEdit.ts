import type { TextEdit, WorkspaceEdit } from 'vscode-languageserver-types';

import { groupBy } from '../model/groupBy.ts';
import type { Range } from '../model/location.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { uriIn } from './places.ts';

export interface CodeActionOptions {
  /** The client takes edits for given versions of documents. */
  readonly documentChanges: boolean;
}

/** A replacement in the text of a file as it is now. */
export interface PlacedEdit {
  readonly file: string;
  readonly range: Range;
  readonly newText: string;
}

/** Edits in the form that the client takes. */
export function workspaceEdit(
  edits: readonly PlacedEdit[],
  snapshot: Snapshot,
  options: CodeActionOptions,
): WorkspaceEdit {
  const byUri = [...groupBy(edits, ({ file }) => file)].map(([file, ofFile]) => ({
    file,
    uri: uriIn(snapshot, file),
    textEdits: ofFile.map(({ range, newText }): TextEdit => ({ range, newText })),
  }));
  if (!options.documentChanges)
    return { changes: Object.fromEntries(byUri.map(({ uri, textEdits }) => [uri, textEdits])) };
  return {
    documentChanges: byUri.map(({ file, uri, textEdits }) => ({
      textDocument: { uri, version: snapshot.documents.get(file)?.version ?? null },
      edits: textEdits,
    })),
  };
}
