import * as vscode from 'vscode';
import type { FeatureContext } from './feature.ts';
import { offerTarget, showFailure } from './notice.ts';
import { requests } from './requests.ts';
import { searchMoreTargets } from './searchGroup.ts';
import { pickTargets } from './targetPicker.ts';
import { PickerSearch } from './pickerSearch.ts';

/** The picker of evaluation targets: one at once, or several with check boxes. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const choose = async (search: PickerSearch): Promise<readonly string[]> => {
    let choice = await pickTargets(search, false);
    if (choice?.kind === 'several') choice = await pickTargets(search, true);
    if (choice?.kind === 'targets') return choice.keys;
    const key = choice?.kind === 'group' ? await searchMoreTargets(client, choice.group) : undefined;
    return key === undefined ? [] : [key];
  };

  const selectTarget = async (): Promise<void> => {
    const search = new PickerSearch(client);
    let keys: readonly string[] = [];
    try {
      keys = await choose(search);
      if (keys.length > 0) await client.sendRequest(requests.selectTarget, { keys });
      else if (search.isDone && search.found.targets.length === 0) await offerTarget(search.found);
      // The picker is closed by now where that fails.
      else if (search.hasFailed) await search.answer;
    } catch (error) {
      showFailure(error);
    } finally {
      // What was chosen is evaluated, and the others are looked for in the meantime.
      if (keys.length === 0) search.dispose();
    }
  };
  subscriptions.push(vscode.commands.registerCommand('nixPlatformLens.selectTarget', selectTarget));
}
