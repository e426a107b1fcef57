import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import type { Editor } from '../support/editor.ts';
import { processesWith, until } from '../support/nixProcesses.ts';
import { editorMark, openWindow } from './vsCode.ts';

const repository = join(import.meta.dirname, '..', '..');
const failures = join(repository, 'test-results');

const app = (name: string, system = '"x86_64-linux"'): string =>
  `derivation { name = "${name}"; system = ${system}; builder = "/bin/sh"; }`;

/** An attribute that would be an icon, a link and a change of direction. */
const hostile = '$(error) [x](command:workbench.action.quit) \u202e';
const shown = '$(error) [x](command:workbench.action.quit) \\u{202e}';

/** `release.nix` stands still until somebody opens its gate. */
const files: Readonly<Record<string, string>> = {
  'default.nix': `{ quick = ${app('quick')}; ${JSON.stringify(hostile)} = ${app('odd')}; }`,
  'release.nix': `builtins.seq (builtins.readFile ./gate) { slow = ${app('slow')}; }`,
  'shell.nix': `throw ${JSON.stringify(hostile)}`,
  '.vscode/settings.json': JSON.stringify({ 'nixPlatformLens.evaluation.onOpen': false }),
};

describe('the target picker', () => {
  let folder: string;
  let editor: Editor;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nix-platform-lens-picker-'));
    await mkdir(join(folder, '.vscode'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    execFileSync('mkfifo', [join(folder, 'gate')]);
    editor = await openWindow({
      folder,
      open: join(folder, 'default.nix'),
    });
    await editor.trustWorkspace();
    await editor.page.locator('.statusbar-item', { hasText: 'Nix: no target' }).waitFor();
  });

  after(async () => {
    // Undefined where `before` failed.
    await (editor as Editor | undefined)?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const row = (text: string): Locator =>
    editor.page.locator('.quick-input-list .monaco-list-row', { hasText: text });
  const picture = async (name: string): Promise<void> => {
    await mkdir(failures, { recursive: true });
    await editor.screenshot(join(failures, name));
  };
  const openPicker = async (): Promise<void> => {
    await editor.runCommand('Nix Platform Lens: Select the Targets…');
    await row('quick').waitFor();
  };
  /** The gate's reader, which is the Nix that stands still. */
  const readers = (): number[] => processesWith(editorMark).filter((id) => isNix(id));
  const isNix = (id: number): boolean => {
    try {
      return execFileSync('ps', ['-o', 'args=', '-p', String(id)], { encoding: 'utf8' }).includes(
        'nix-instantiate',
      );
    } catch {
      // It has ended meanwhile.
      return false;
    }
  };

  it('lists what was found while a file is still being evaluated, and says which one', async () => {
    await openPicker();
    await row('release.nix').filter({ hasText: 'is still being evaluated' }).waitFor();
    await row(shown).nth(1).waitFor();
    await picture('picker-searching.png');
    assert.match((await row('release.nix').allInnerTexts()).join(), /is still being evaluated/);
    assert.equal(await row(shown).count(), 2, 'an attribute, and what shell.nix says');
    assert.equal(await row(shown).first().locator('.codicon-error').count(), 0, 'no icon of the repository');
  });

  it('Escape leaves no process', async () => {
    assert.ok(readers().length > 0);
    await editor.page.keyboard.press('Escape');
    await until('no Nix is left', () => readers().length === 0);
  });

  it('keeps what was typed and the entry in focus when more is found', async () => {
    await openPicker();
    // What the other files say is there before the entry in focus is chosen: only release.nix is left.
    await row(shown).nth(1).waitFor();
    const input = editor.page.locator('.quick-input-widget input.input');
    await input.fill('nix');
    await editor.page.keyboard.press('ArrowDown');
    await editor.page.keyboard.press('ArrowDown');
    const focused = editor.page.locator('.quick-input-list .monaco-list-row.focused');
    const before = await focused.innerText();
    assert.doesNotMatch(before, /is still being evaluated/, 'this entry goes away');
    const gate = await open(join(folder, 'gate'), 'w');
    await gate.close();
    await row('slow').waitFor();
    await picture('picker-found.png');
    assert.equal(await input.inputValue(), 'nix');
    assert.equal(await focused.innerText(), before);
    await row('quick').click();
    await editor.page.locator('.statusbar-item', { hasText: 'quick' }).waitFor();
  });
});
