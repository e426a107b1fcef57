import type { ClientCapabilities, InitializeParams } from 'vscode-languageserver';
import * as z from 'zod';

import { fileOfUri } from '../snapshot/documents.ts';

/** What a client can do, as far as the server asks. */
export interface ClientAbilities {
  readonly configuration: boolean;
  readonly watchFiles: boolean;
  readonly watchConfiguration: boolean;
  readonly workspaceFolders: boolean;
  readonly refreshInlayHints: boolean;
  readonly refreshCodeLenses: boolean;
  readonly documentChanges: boolean;
}

export function abilitiesOf({ workspace }: ClientCapabilities): ClientAbilities {
  return {
    configuration: workspace?.configuration === true,
    watchFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    watchConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    refreshInlayHints: workspace?.inlayHint?.refreshSupport === true,
    refreshCodeLenses: workspace?.codeLens?.refreshSupport === true,
    documentChanges: workspace?.workspaceEdit?.documentChanges === true,
  };
}

const initializationOptions = z.object({
  trusted: z.boolean().default(true),
  clientCommands: z.boolean().default(false),
  storage: z.string().exactOptional(),
  settings: z.unknown().optional(),
  separateSettings: z.boolean().default(false),
});

/**
 * Reads `initializationOptions`; a client that sends none is a plain, trusted
 * LSP editor. One that sends what cannot be understood is not trusted.
 */
export function readInitializationOptions(raw: unknown): z.output<typeof initializationOptions> {
  const { success, data } = initializationOptions.safeParse(raw ?? {});
  return success ? data : { trusted: false, clientCommands: false, separateSettings: false };
}

/** Absolute paths of the workspace's folders; none where a single file was opened. */
export function workspaceRootsOf(params: InitializeParams): string[] {
  // Editors without workspace folders still send the older `rootUri`.
  // oxlint-disable-next-line typescript/no-deprecated
  const { workspaceFolders, rootUri } = params;
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (typeof rootUri === 'string' ? [rootUri] : []);
  return uris.flatMap((uri) => fileOfUri(uri) ?? []);
}
