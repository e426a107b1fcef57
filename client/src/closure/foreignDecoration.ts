import * as vscode from 'vscode';

const scheme = 'nix-platform-lens-foreign';

/** Red, unless the user's theme or `workbench.colorCustomizations` says otherwise. */
export const foreignColor = new vscode.ThemeColor('nixPlatformLens.foreignInput');

/** The name by which VS Code asks how the row with this key is decorated. */
export function foreignUri(key: string): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${key}` });
}

/**
 * Colours the labels of foreign rows. A tree item has no colour of its own;
 * that of its resource is the only one that VS Code lets an extension set.
 */
export const foreignDecoration: vscode.FileDecorationProvider = {
  provideFileDecoration: (uri) =>
    uri.scheme === scheme ? new vscode.FileDecoration(undefined, 'foreign', foreignColor) : undefined,
};
