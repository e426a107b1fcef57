import { setTimeout } from 'node:timers/promises';

import * as vscode from 'vscode';
import { clientCommands } from '../../../server/src/protocol.ts';
import type { ClosureNode, StatusParams } from '../../../server/src/protocol.ts';
import type { FeatureContext } from '../feature.ts';
import { notice } from '../notice.ts';
import { requests } from '../requests.ts';
import { label } from '../shownInVsCode.ts';
import { ClosureRows, originOf } from './treeRows.ts';
import type { ClosureSource, MoreRow, NodeRow, Row } from './treeRows.ts';
import { focusedRow } from './focusedRow.ts';
import { foreignDecoration } from './foreignDecoration.ts';
import { moreItem, nodeItem, preview } from './treeItem.ts';
import { OutputVerifier } from './verifyAction.ts';

const viewId = 'nixPlatformLens.closure';

/** The closure tree, and the commands that belong to its rows. */
export function activate({ client, status, subscriptions }: FeatureContext): void {
  const changed = new vscode.EventEmitter<Row | undefined>();
  const source: ClosureSource = {
    children: (params) => client.sendRequest(requests.closureChildren, params),
    path: (params) => client.sendRequest(requests.closurePath, params),
  };
  let rows: ClosureRows | undefined;

  const view = vscode.window.createTreeView<Row>(viewId, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: (row) => (row.kind === 'more' ? moreItem(row) : nodeItem(row)),
      getChildren: (row) => (row?.kind === 'more' ? [] : (rows?.children(row) ?? [])),
      getParent: (row) => row.parent,
    },
  });

  let shownReport: number | undefined;
  const update = (current: StatusParams): void => {
    view.message = messageOf(current);
    view.description = descriptionOf(current);
    view.badge = badgeOf(current);
    if (current.reportId === shownReport) return;
    shownReport = current.reportId;
    rows = shownReport === undefined ? undefined : new ClosureRows(source, shownReport);
    changed.fire(undefined);
  };

  /** The row that a menu passes, or else the focused one. */
  const chosenRow = async (row: Row | undefined): Promise<NodeRow | undefined> => {
    const chosen = row ?? (await focusedRow(view, viewId));
    if (chosen === undefined) notice('Choose a row of the closure tree first.');
    return chosen?.kind === 'node' ? chosen : undefined;
  };

  const loadMore = async (row: MoreRow): Promise<void> => {
    await rows?.loadMore(row.parent);
    changed.fire(row.parent);
  };

  /** A click only previews: were the origin selected and focused, the next key would overwrite it. */
  const goToOrigin = async (row?: Row, how?: unknown): Promise<void> => {
    const chosen = await chosenRow(row);
    if (chosen === undefined) return;
    const origin = originOf(chosen);
    if (origin === undefined) {
      notice(`No expression of this workspace is known to bring in ${chosen.node.label}.`);
      return;
    }
    await vscode.window.showTextDocument(client.protocol2CodeConverter.asUri(origin.uri), {
      selection: client.protocol2CodeConverter.asRange(origin.range),
      preserveFocus: how === preview,
    });
  };

  const copyDrvPath = async (row?: Row): Promise<void> => {
    const chosen = await chosenRow(row);
    if (chosen === undefined) return;
    const { drvPath } = chosen.node;
    if (drvPath === undefined) {
      notice('This row has no .drv path to copy.');
      return;
    }
    await vscode.env.clipboard.writeText(drvPath);
    notice(`Copied ${drvPath}`);
  };

  /** The row of the evaluation that a row belongs to, where there are several. */
  const evaluationOf = (row: NodeRow): NodeRow | undefined => {
    let at: NodeRow | undefined = row;
    while (at !== undefined && at.node.kind !== 'evaluation') at = at.parent;
    return at;
  };

  /** Opens the tree along a path of nodes that starts at the root, and selects the last one. */
  const revealAlong = async (
    path: readonly Pick<ClosureNode, 'drvPath'>[],
    start: NodeRow,
  ): Promise<void> => {
    let row = await rows?.find(evaluationOf(start), (node) => node.kind === 'root');
    for (const step of path.slice(1)) {
      if (row === undefined) return;
      row = await rows?.find(row, (node) => node.drvPath === step.drvPath);
    }
    if (row !== undefined) await view.reveal(row, { select: true, focus: true });
  };

  const showPath = async (row?: Row): Promise<void> => {
    const chosen = await chosenRow(row);
    if (chosen === undefined || rows === undefined) return;
    const found = rows.path(chosen);
    const nothing = new vscode.CancellationTokenSource();
    // Opened at once: it is busy until the path is there.
    const steps = found.then((path) => {
      if (path.length === 0) nothing.cancel();
      return path.map((node, depth) => ({
        label: `${' '.repeat(depth * 2)}${depth === 0 ? '' : '└ '}${label(node.label)}`,
        description: label(node.description),
        depth,
      }));
    });
    const options = {
      title: `Path from the root to ${chosen.node.label}`,
      placeHolder: 'Choose a step to see it in the tree',
    };
    const pick = await vscode.window.showQuickPick(steps, options, nothing.token);
    if (nothing.token.isCancellationRequested)
      notice('This row stands for no derivation: there is no path to it.');
    else if (pick !== undefined) await revealAlong((await found).slice(0, pick.depth + 1), chosen);
  };

  const verifier = new OutputVerifier(client);
  const verifyOutputs = async (row?: Row): Promise<void> => {
    const chosen = await chosenRow(row);
    if (chosen === undefined || shownReport === undefined) return;
    if (chosen.node.drvPath === undefined) {
      notice('This row stands for no derivation: it has no outputs.');
      return;
    }
    const { key, label } = chosen.node;
    await verifier.verify({ reportId: shownReport, key }, label, (path) =>
      revealAlong(
        path.map((drvPath) => ({ drvPath })),
        chosen,
      ),
    );
  };

  /** In the first evaluation that has it. */
  const findLeak = async (drvPath: string): Promise<NodeRow | undefined> => {
    const top = (await rows?.children(undefined)) ?? [];
    const evaluations = top.filter((row) => row.kind === 'node' && row.node.kind === 'evaluation');
    for (const evaluation of evaluations.length > 0 ? evaluations : [undefined]) {
      if (evaluation?.kind === 'more') continue;
      const group = await rows?.find(evaluation, (node) => node.kind === 'leaks');
      const leak = group && (await rows?.find(group, (node) => node.drvPath === drvPath));
      if (leak) return leak;
    }
    return undefined;
  };

  /** @param what the .drv file of a leak, an evaluation, or nothing in particular */
  const showClosure = async (what?: unknown): Promise<void> => {
    await vscode.commands.executeCommand(`${viewId}.focus`);
    // A tree that has just been opened has no rows yet, and cannot take the focus without one.
    await whenPainted(async () => {
      const row = await rowOf(what);
      if (row !== undefined)
        await view.reveal(row, {
          focus: true,
          ...(what !== undefined ? { select: true, expand: true } : { select: false }),
        });
    });
  };

  const rowOf = async (what: unknown): Promise<NodeRow | undefined> => {
    if (typeof what === 'string') return findLeak(what);
    const label = evaluationOfArgument(what);
    const branch =
      label === undefined
        ? undefined
        : await rows?.find(undefined, ({ kind, label: name }) => kind === 'evaluation' && name === label);
    if (branch !== undefined) return branch;
    return what === undefined && view.selection.length > 0 ? undefined : rows?.find(undefined, () => true);
  };

  update(status.current);
  subscriptions.push(
    view,
    changed,
    verifier,
    status.onDidChange(update),
    vscode.window.registerFileDecorationProvider(foreignDecoration),
    vscode.commands.registerCommand('nixPlatformLens.loadMore', loadMore),
    vscode.commands.registerCommand('nixPlatformLens.goToOrigin', goToOrigin),
    vscode.commands.registerCommand('nixPlatformLens.copyDrvPath', copyDrvPath),
    vscode.commands.registerCommand('nixPlatformLens.showPath', showPath),
    vscode.commands.registerCommand('nixPlatformLens.verifyOutputs', verifyOutputs),
    vscode.commands.registerCommand(clientCommands.showClosure, showClosure),
  );
}

/** So often a row is shown to a tree that does not know it yet, and so many milliseconds lie between. */
const mostAttempts = 20;
const pause = 100;

/** VS Code refuses to reveal a row that it has been given and not painted, and tells nobody when it has. */
async function whenPainted(reveal: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await reveal();
      return;
    } catch (error) {
      if (attempt === mostAttempts) throw error;
      await setTimeout(pause);
    }
  }
}

/** A lens passes the label of its evaluation. */
function evaluationOfArgument(what: unknown): string | undefined {
  const isOne = typeof what === 'object' && what !== null && 'evaluation' in what;
  return isOne && typeof what.evaluation === 'string' ? what.evaluation : undefined;
}

/** The target and the system that it is evaluated as; the server's name for the target has any that was chosen. */
function descriptionOf({ target, evaluateAs, evaluations }: StatusParams): string {
  if (target === undefined) return '';
  const { length } = evaluations.filter(({ companion }) => !companion);
  if (length > 1) return `${length} evaluations`;
  return evaluateAs === undefined ? `${target} as this machine` : target;
}

/** What stands above the rows, if anything. Where there are no rows, the manifest's welcome texts say more. */
function messageOf({ state, stale, asOf, message, problem, reportId }: StatusParams): string {
  const hasRows = reportId !== undefined;
  if (state === 'failed' && (hasRows || problem === undefined)) {
    return message ?? 'The target could not be evaluated.';
  }
  if (hasRows && asOf !== undefined) return `As of ${new Date(asOf).toLocaleString()}.`;
  if (hasRows && stale) return 'Older than the files: save to evaluate again.';
  return '';
}

function badgeOf({ summary }: StatusParams): vscode.ViewBadge | undefined {
  if (summary === undefined || summary.leaks === 0) return undefined;
  const inputs = summary.leaks === 1 ? 'one input brings' : `${summary.leaks} inputs bring`;
  return { value: summary.leaks, tooltip: `${inputs} in ${summary.foreign} foreign derivations` };
}
