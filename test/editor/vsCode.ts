import { join } from 'node:path';
import { after } from 'node:test';
import { startVsCode, type Editor, type VsCode, type WindowOptions } from '../support/editor.ts';

const repository = join(import.meta.dirname, '..', '..');

const markName = 'NIX_LENS_TEST_EDITOR';
/** Stands in the environment of all processes that the editor starts. */
export const editorMark = `${markName}=${String(process.pid)}`;

let started: Promise<VsCode> | undefined;

/**
 * Opens a window of the one VS Code that serves all tests of this folder: to
 * start it with a browser takes longer than most of them.
 */
export async function openWindow(options: WindowOptions): Promise<Editor> {
  started ??= startVsCode(join(repository, 'nix-platform-lens.vsix'), {
    ...process.env,
    [markName]: String(process.pid),
  });
  return (await started).openWindow(options);
}

after(async () => {
  await (await started)?.close();
});
