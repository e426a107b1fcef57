import * as vscode from 'vscode';

/**
 * The row that has the keyboard's focus in a tree view, which this focuses.
 *
 * VS Code tells an extension which rows are selected, and the arrow keys move the
 * focus alone. To toggle the selection of the focused row tells which one that
 * is; to do it twice leaves the selection as it was. `list.select` would also
 * run the row's command, as a click does.
 */
export async function focusedRow<Row>(view: vscode.TreeView<Row>, viewId: string): Promise<Row | undefined> {
  await vscode.commands.executeCommand(`${viewId}.focus`);
  const before = view.selection;
  await vscode.commands.executeCommand('list.toggleSelection');
  const after = view.selection;
  await vscode.commands.executeCommand('list.toggleSelection');
  return (
    after.find((row) => !before.includes(row)) ?? before.find((row) => !after.includes(row)) ?? before[0]
  );
}
