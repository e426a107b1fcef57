import type { TextEdit, WorkspaceEdit } from 'vscode-languageserver-types';

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
  const byFile = new Map<string, TextEdit[]>();
  for (const { file, range, newText } of edits) {
    const others = byFile.get(file);
    if (others) others.push({ range, newText });
    else byFile.set(file, [{ range, newText }]);
  }
  const byUri = [...byFile].map(([file, textEdits]) => ({ file, uri: uriIn(snapshot, file), textEdits }));
  if (!options.documentChanges)
    return { changes: Object.fromEntries(byUri.map(({ uri, textEdits }) => [uri, textEdits])) };
  return {
    documentChanges: byUri.map(({ file, uri, textEdits }) => ({
      textDocument: { uri, version: snapshot.documents.get(file)?.version ?? null },
      edits: textEdits,
    })),
  };
}
