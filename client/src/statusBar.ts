import * as vscode from 'vscode';
import type { ClosureSummary, StatusParams } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { label } from './shownInVsCode.ts';

/** Two items of the status bar: the target and how it fares, and the system that it is evaluated as. */
export function activate({ status, subscriptions }: FeatureContext): void {
  const target = vscode.window.createStatusBarItem('target', vscode.StatusBarAlignment.Left, 11);
  target.name = 'Nix target';
  const evaluatedAs = vscode.window.createStatusBarItem('evaluateAs', vscode.StatusBarAlignment.Left, 10);
  evaluatedAs.name = 'Nix target is evaluated as';
  evaluatedAs.command = 'nixPlatformLens.selectEvaluateAs';

  const update = (current: StatusParams): void => {
    const look = lookOf(current);
    // What is open is only highlighted, for a reason that is told first.
    const limit = limitOf(current);
    target.text = `${limit === undefined ? look.icon : '$(info)'} ${label(look.text)}`;
    target.tooltip = tooltip(limit === undefined ? look.hint : `${limit}\n\n${look.hint}`, current);
    target.command = look.command;
    target.backgroundColor = look.warns
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    target.show();

    if (current.state === 'untrusted') {
      evaluatedAs.hide();
      return;
    }
    evaluatedAs.text = `$(vm) as ${label(current.evaluateAs ?? 'this machine')}`;
    evaluatedAs.tooltip = 'The system that the Nix target is evaluated as. Click to choose another.';
    evaluatedAs.show();
  };
  update(status.current);
  subscriptions.push(
    target,
    evaluatedAs,
    status.onDidChange(update),
    vscode.window.onDidChangeActiveTextEditor(() => update(status.current)),
  );
}

/** Why the document of the active editor is beyond what the server understands; undefined where it is not. */
function limitOf({ documents = [] }: StatusParams): string | undefined {
  const active = vscode.window.activeTextEditor?.document.uri.toString();
  return documents.find(({ uri }) => vscode.Uri.parse(uri).toString() === active)?.message;
}

interface Look {
  readonly icon: string;
  readonly text: string;
  readonly hint: string;
  readonly command: string;
  readonly warns?: boolean;
}

function lookOf(status: StatusParams): Look {
  const { state, summary, stale, asOf, message } = status;
  const text = nameOf(status);
  const select = 'nixPlatformLens.selectTarget';
  switch (state) {
    case 'untrusted':
      return {
        icon: '$(workspace-untrusted)',
        text: 'Nix: not trusted',
        hint: 'This folder is not trusted: its Nix files are only parsed.',
        command: 'workbench.trust.manage',
      };
    case 'running':
      return {
        icon: '$(loading~spin)',
        text,
        hint: `${message ?? 'Evaluating …'}\n\nClick to cancel.`,
        command: 'nixPlatformLens.cancel',
      };
    case 'failed':
      return {
        icon: '$(warning)',
        text,
        hint: message ?? 'The target could not be evaluated.',
        command: select,
        warns: true,
      };
    case 'idle':
      return { icon: '$(target)', text, hint: message ?? 'Nothing has been evaluated yet.', command: select };
    case 'done': {
      if (asOf !== undefined) return { icon: '$(history)', text, hint: message ?? '', command: select };
      if (stale)
        return {
          icon: '$(history)',
          text,
          hint: 'Older than the files: save to evaluate again.',
          command: select,
        };
      if (status.problem === 'target-file')
        return { icon: '$(warning)', text, hint: message ?? '', command: select, warns: true };
      const icon = !summary?.leaks ? '$(pass)' : summary.errors > 0 ? '$(error)' : '$(warning)';
      return { icon, text, hint: message ?? '', command: select };
    }
  }
}

/** The target without the system that the item beside it names. */
function nameOf({ target, evaluations }: StatusParams): string {
  if (target === undefined) return 'Nix: no target';
  const names = new Set(evaluations.filter(({ companion }) => !companion).map((one) => one.target));
  const [name = target] = names;
  return names.size > 1 ? `${names.size} targets` : name;
}

function tooltip(hint: string, { summary }: StatusParams): vscode.MarkdownString {
  const text = new vscode.MarkdownString(undefined, true);
  text.isTrusted = { enabledCommands: ['nixPlatformLens.showClosure', 'nixPlatformLens.evaluate'] };
  text.appendText(hint);
  if (summary !== undefined) {
    appendTable(text, summary);
    text.appendMarkdown(
      '[Show the closure](command:nixPlatformLens.showClosure) · [Evaluate again](command:nixPlatformLens.evaluate)',
    );
  }
  return text;
}

/** Names are appended as text, in which VS Code escapes its Markdown; a bar would end a cell. */
function appendTable(text: vscode.MarkdownString, { rootName, bySystem }: ClosureSummary): void {
  text.appendMarkdown('\n\n**').appendText(rootName).appendMarkdown('**');
  text.appendMarkdown('\n\n| System | Derivations |\n| :-- | --: |\n');
  for (const [system, count] of Object.entries(bySystem)) {
    text.appendMarkdown('| ').appendText(system.replaceAll('|', '¦'));
    text.appendMarkdown(` | ${count.toLocaleString('en')} |\n`);
  }
  text.appendMarkdown('\n');
}
