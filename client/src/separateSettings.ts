import * as vscode from 'vscode';
import { settingNames } from '../../server/src/protocol.ts';
import type { SeparateSettings } from '../../server/src/protocol.ts';

/** Where our settings stand. */
export const section = 'nixPlatformLens';

/**
 * The settings with their origin: a repository may bring workspace settings
 * along, in `.vscode/settings.json` or a `.code-workspace` file, and VS Code
 * mixes them with the person's own.
 */
export function separateSettings(): SeparateSettings {
  const configuration = vscode.workspace.getConfiguration(section);
  const own: Record<string, unknown> = {};
  const fromWorkspace: Record<string, unknown> = {};
  for (const name of settingNames) {
    const { defaultValue, globalValue, workspaceValue, workspaceFolderValue } =
      configuration.inspect<unknown>(name) ?? {};
    own[name] = globalValue ?? defaultValue;
    const shared = workspaceFolderValue ?? workspaceValue;
    if (shared !== undefined) fromWorkspace[name] = shared;
  }
  return { ...own, fromWorkspace };
}
