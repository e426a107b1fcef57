import * as vscode from 'vscode';
import type { ClosureNode } from '../../../server/src/protocol.ts';
import type { MoreRow, NodeRow } from './treeRows.ts';
import { foreignColor, foreignUri } from './foreignDecoration.ts';

/** Argument of the command that goes to an origin: leave the focus in the tree. */
export const preview = 'preview';

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** How a row of the closure looks, and what a click does on it. */
export function nodeItem(row: NodeRow): vscode.TreeItem {
  const { node } = row;
  const item = new vscode.TreeItem(node.label, expansion(node));
  item.id = node.key;
  item.description = node.description;
  item.tooltip = new vscode.MarkdownString(node.tooltip);
  item.iconPath = icon(node);
  item.contextValue = contextValue(node);
  if (node.state === 'foreign') {
    item.resourceUri = foreignUri(node.key);
    item.accessibilityInformation = { label: `foreign: ${node.label}, ${node.description}` };
  }
  if (node.origin !== undefined) {
    item.command = {
      command: 'nixPlatformLens.goToOrigin',
      title: 'Go to the Expression That Brings It In',
      arguments: [row, preview],
    };
  }
  return item;
}

export function moreItem(row: MoreRow): vscode.TreeItem {
  const item = new vscode.TreeItem(`more… (${row.left.toLocaleString('en')} left)`, None);
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command: 'nixPlatformLens.loadMore', title: 'Load More Rows', arguments: [row] };
  return item;
}

function expansion({ kind, expandable }: ClosureNode): vscode.TreeItemCollapsibleState {
  if (!expandable) return None;
  return kind === 'leaks' || kind === 'evaluation' ? Expanded : Collapsed;
}

/** Words that the manifest's menus look for. */
function contextValue({ origin, drvPath }: ClosureNode): string {
  return [origin && 'origin', drvPath !== undefined && 'drv', drvPath !== undefined && 'path']
    .filter(Boolean)
    .join(' ');
}

function icon({ kind, state, origin, expandable }: ClosureNode): vscode.ThemeIcon {
  const color = state === 'foreign' ? foreignColor : undefined;
  switch (kind) {
    case 'evaluation':
      return new vscode.ThemeIcon(state === 'foreign' ? 'error' : 'target', color);
    case 'leaks':
      return new vscode.ThemeIcon(state === 'foreign' ? 'error' : 'pass', color);
    case 'leak':
      return new vscode.ThemeIcon('circle-slash', color);
    case 'root':
      return new vscode.ThemeIcon('package', color);
    case 'consumers':
      return new vscode.ThemeIcon('references', color);
    case 'gap':
      return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
    case 'message':
      return new vscode.ThemeIcon(origin ? 'location' : expandable ? 'list-ordered' : 'info');
    case 'derivation':
      switch (state) {
        case 'foreign':
          return new vscode.ThemeIcon('circle-slash', color);
        case 'matching':
          return new vscode.ThemeIcon('package');
        case 'neutral':
          return new vscode.ThemeIcon('circle-outline');
        case 'unknown':
          return new vscode.ThemeIcon('question');
      }
  }
}
