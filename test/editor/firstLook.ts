import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWindow } from './vsCode.ts';

const repository = join(import.meta.dirname, '..', '..');

test('the closure can be shown before its view was ever open', async () => {
  const home = await mkdtemp(join(tmpdir(), 'nix-platform-lens-first-'));
  try {
    const folder = join(home, 'build-farm');
    await cp(join(repository, 'example'), folder, { recursive: true });
    await using editor = await openWindow({
      folder,
      open: join(folder, 'release.nix'),
    });
    await editor.trustWorkspace();
    await editor.openFile('release.nix');
    await editor.squiggles.first().waitFor();
    await editor.runCommand('Nix Platform Lens: Show the Closure');
    const dialog = editor.page.locator('.monaco-dialog-box');
    const focused = editor.page.locator('.part.sidebar .monaco-list:focus-within .monaco-list-row.focused', {
      hasText: '2 leaks',
    });
    await dialog.or(focused).first().waitFor();
    assert.equal(await dialog.count(), 0);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
