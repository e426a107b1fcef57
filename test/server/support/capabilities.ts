/** What the editor of the tests says that it can: all that the server makes use of. */
export function capabilities(configuration: boolean): object {
  return {
    workspace: {
      configuration,
      workspaceFolders: true,
      didChangeConfiguration: { dynamicRegistration: true },
      didChangeWatchedFiles: { dynamicRegistration: true },
      workspaceEdit: { documentChanges: true },
      inlayHint: { refreshSupport: true },
      codeLens: { refreshSupport: true },
    },
    window: { workDoneProgress: true },
    textDocument: { publishDiagnostics: { relatedInformation: true } },
  };
}
