import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { TargetItem } from '../../server/src/protocol.ts';
import { showFailure } from './notice.ts';
import { requests } from './requests.ts';
import { label } from './shownInVsCode.ts';

interface MemberPick extends vscode.QuickPickItem {
  readonly key: string;
}

/** Milliseconds to wait for more of what is typed. */
const patience = 120;

/** Lets the user search a group of targets as they type; undefined where they choose none. */
export function searchMoreTargets(client: LanguageClient, group: TargetItem): Promise<string | undefined> {
  return new Promise((resolve) => {
    const picker = vscode.window.createQuickPick<MemberPick>();
    picker.title = group.label.replace(/ …$/, '');
    picker.placeholder = 'Type a part of a package’s name';
    let asked: vscode.CancellationTokenSource | undefined;
    let timer: NodeJS.Timeout | undefined;

    const search = async (): Promise<void> => {
      const before = asked;
      const own = new vscode.CancellationTokenSource();
      asked = own;
      picker.busy = true;
      const params = { parent: group.key, search: picker.value };
      const answer = client.sendRequest(requests.targets, params, own.token);
      // Not before: the server goes on with its list as long as somebody waits for it.
      before?.cancel();
      try {
        const { targets } = await answer;
        if (asked !== own) return;
        picker.items = targets.map(({ key, label: name, active }) => ({
          key,
          label: label(name),
          iconPath: new vscode.ThemeIcon(active ? 'check' : 'blank'),
          // It matches: the server has seen to that.
          alwaysShow: true,
        }));
        picker.busy = false;
      } catch (error) {
        if (asked !== own) return;
        picker.hide();
        showFailure(error);
      }
    };

    picker.onDidChangeValue(() => {
      clearTimeout(timer);
      timer = setTimeout(() => void search(), patience);
    });
    picker.onDidAccept(() => {
      const [chosen] = picker.selectedItems;
      if (chosen === undefined) return;
      resolve(chosen.key);
      picker.hide();
    });
    picker.onDidHide(() => {
      clearTimeout(timer);
      const last = asked;
      asked = undefined;
      last?.cancel();
      resolve(undefined);
      picker.dispose();
    });
    picker.show();
    void search();
  });
}
