import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { Editor } from '../support/editor.ts';
import { Pictures } from './pictures.ts';
import { openWindow } from './vsCode.ts';

const repository = join(import.meta.dirname, '..', '..');

/** The browser's; its types are not those of this program. */
declare const getComputedStyle: (element: unknown) => { readonly color: string };

/** Where the README's pictures go, where the environment asks for them. */
const media = process.env.NIX_PLATFORM_LENS_SCREENSHOTS === '1' ? join(repository, 'media') : undefined;

/** Where the window is kept as it was when a test failed. */
const failures = join(repository, 'test-results');

/** The default of the theme colour `nixPlatformLens.foreignInput` in dark themes. */
const red = 'rgb(248, 81, 73)';

describe('the example in VS Code', () => {
  let folder: string;
  let editor: Editor;
  let page: Page;
  let pictures: Pictures;

  before(async () => {
    // A name that looks well in the pictures.
    const home = await mkdtemp(join(tmpdir(), 'nix-platform-lens-example-'));
    folder = join(home, 'build-farm');
    await cp(join(repository, 'example'), folder, { recursive: true });
    editor = await openWindow({
      folder,
      open: join(folder, 'release.nix'),
    });
    page = editor.page;
    pictures = new Pictures(page, media);
    await page.locator('.tab.active[data-resource-name="release.nix"]').waitFor();
  });

  after(async () => {
    // Undefined where `before` failed.
    await (editor as Editor | undefined)?.close();
    await rm(join(folder, '..'), { recursive: true, force: true });
  });

  afterEach(async (context) => {
    if ('passed' in context && context.passed) return;
    await mkdir(failures, { recursive: true });
    // Undefined where `before` failed.
    await (editor as Editor | undefined)?.screenshot(join(failures, `${context.name}.png`));
  });

  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

  /** A row of the closure tree by what its label says. */
  const row = (text: string | RegExp): Locator =>
    page.locator('.part.sidebar .monaco-list-row', { hasText: text }).first();

  /** Opens a row of the tree and waits until it is open. */
  const expand = async (text: string): Promise<void> => {
    const which = row(text);
    if ((await which.getAttribute('aria-expanded')) !== 'true')
      await which.locator('.monaco-tl-twistie').click();
    const open = page.locator('.part.sidebar .monaco-list-row[aria-expanded="true"]', { hasText: text });
    await open.first().waitFor();
  };

  /** The computed colour of a row's label. */
  const colorOf = (which: Locator): Promise<string> =>
    which
      .locator('.monaco-icon-name-container')
      .first()
      .evaluate((element) => getComputedStyle(element).color);

  /** Waits until a row is painted red: VS Code asks for its colour after it has painted it. */
  const becomesRed = async (which: Locator): Promise<void> => {
    const label = await which.locator('.monaco-icon-name-container').first().elementHandle();
    await page.waitForFunction(([element, color]) => getComputedStyle(element).color === color, [label, red]);
    assert.equal(await colorOf(which), red);
  };

  it('evaluates nothing in Restricted Mode, and says so', async () => {
    await page.locator('.statusbar-item', { hasText: 'Nix: not trusted' }).waitFor();
    await editor.runCommand('Nix Platform Lens: Show the Closure');
    await page.locator('.part.sidebar', { hasText: 'This folder is not trusted yet' }).waitFor();
    assert.equal(await editor.squiggles.count(), 0);
  });

  it('shows the red squiggle once the folder is trusted', async () => {
    await editor.trustWorkspace();
    await editor.openFile('release.nix');
    await editor.squiggles.first().waitFor();
    const problems = await editor.problems();
    assert.match(problems.join('\n'), /release\.nix/);
    assert.match(problems.join('\n'), /\[Ln 19, Col 13\]/);
    await editor.runCommand('View: Hide Panel');
  });

  it('shows the system of every dependency in the text', async () => {
    await page.locator('.view-line', { hasText: /pkgs\.nix.*x86_64-darwin/ }).waitFor();
    await page.locator('.view-line', { hasText: /makeWrapper.*x86_64-linux/ }).waitFor();
  });

  it('lists the leaks first, in red', async () => {
    await editor.runCommand('Nix Platform Lens: Show the Closure');
    const leak = row('nix-2.18.2');
    await leak.waitFor();
    await expand('build-farm-1.0');
    await becomesRed(leak);
    await becomesRed(row('nix-perl-2.18.2'));
    assert.notEqual(await colorOf(row('build-farm-1.0')), red);
    assert.notEqual(await colorOf(row('make-wrapper-1.0')), red);
  });

  it('tells below a leak where it comes in', async () => {
    await pictures.arrange();
    await expand('nix-2.18.2');
    await row(/pkgs\.nix.*release\.nix:19/).waitFor();
    await pictures.take('closure.png', page.locator('.part.sidebar'), row('postgresql-15.6'));
  });

  it('goes from a row to the expression that brings it in', async () => {
    await editor.goTo(1, 1);
    const origin = page.locator('.statusbar-item', { hasText: /Ln 19, Col \d+ \(8 selected\)/ });
    const editorHasFocus = page.locator('.monaco-editor.focused');
    const leak = row('nix-2.18.2');
    await leak.locator('.monaco-icon-name-container').click();
    await origin.waitFor();
    assert.equal(await editorHasFocus.count(), 0, 'a click leaves the focus in the tree');
    await page.keyboard.press('Enter');
    await editorHasFocus.waitFor();
    await origin.waitFor();
  });

  it('acts on the row that the keyboard chose, and says what it did', async () => {
    const leak = row('nix-2.18.2');
    await leak.locator('.monaco-icon-name-container').click();
    // The arrow keys move the focus alone: the leak stays selected.
    await page.keyboard.press('End');
    const last = page.locator('.part.sidebar .monaco-list-row.focused:not(.selected)');
    await last.waitFor();
    const name = await last.locator('.label-name').first().innerText();
    await page.keyboard.press('Control+C');
    await page.locator('.statusbar-item', { hasText: `${name}.drv` }).waitFor();
    await page
      .locator('.part.sidebar .monaco-list-row.selected', { hasText: 'nix-2.18.2' })
      .first()
      .waitFor();
  });

  it('tells in the hover what is wrong, and why', async () => {
    const hover = await editor.hoverAt(19, 18);
    assert.match(hover, /nix-2\.18\.2/);
    assert.match(hover, /x86_64-darwin/);
    assert.match(hover, /shadow/);
    await pictures.take('editor.png');
    await page.keyboard.press('Escape');
  });

  it('shows several targets side by side, and from a lens the branch of its own', async () => {
    const pick = page.locator('.quick-input-list .monaco-list-row');
    await editor.runCommand('Nix Platform Lens: Select the Targets…');
    await pick.filter({ hasText: 'server.nix' }).first().waitFor();
    await pick.filter({ hasText: 'Choose several…' }).click();
    await pick.filter({ hasText: 'build.aarch64-linux' }).first().click();
    await page.keyboard.press('Enter');
    await row('build.aarch64-linux as x86_64-darwin').waitFor();
    for (const leak of await row('nix-2.18.2').all()) await becomesRed(leak);
    await pictures.take('evaluations.png');

    await editor.goTo(1, 1);
    const lenses = page.locator('.codelens-decoration a', { hasText: 'show closure' });
    await lenses.filter({ hasText: 'build.aarch64-linux: ' }).click();
    const focused = page.locator('.part.sidebar .monaco-list:focus-within .monaco-list-row.focused');
    await focused.filter({ hasText: 'build.aarch64-linux' }).first().waitFor();

    await editor.runCommand('Nix Platform Lens: Select the Targets…');
    await pick.filter({ hasText: 'build.x86_64-linux' }).first().click();
    await row('nix-2.18.2').waitFor();
  });

  it('repairs the cause by the quick-fix, and the problem is gone', async () => {
    await editor.goTo(19, 18);
    const fix = page.locator('.action-widget .monaco-list-row', { hasText: /Bind `pkgs`.*22 → 0/ });
    // The menu shows what was proven when it was opened: it is opened until the proof is there.
    for (;;) {
      await editor.runCommand('Quick Fix...');
      await page.locator('.action-widget .monaco-list-row').first().waitFor();
      if ((await fix.count()) > 0) break;
      await page.keyboard.press('Escape');
      await page.locator('.action-widget .monaco-list-row').first().waitFor({ state: 'detached' });
    }
    await pictures.take(
      'quick-fix.png',
      page.locator('.view-line', { hasText: 'with import' }),
      page.locator('.action-widget:not(.action-list-submenu-panel)'),
    );
    await fix.click();
    await editor.runCommand('File: Save');
    await row('No leaks').waitFor();
    await editor.squiggles.first().waitFor({ state: 'detached' });
    await editor.runCommand('Problems: Focus on Problems View');
    await page.locator('.markers-panel', { hasText: 'No problems have been detected' }).waitFor();
  });

  it('gives the file back on undo, and repairs it again by Fix All', async () => {
    const repaired = await read('release.nix');
    await editor.undo();
    await editor.runCommand('File: Save');
    await row('nix-2.18.2').waitFor();
    assert.equal(await read('release.nix'), await readFile(join(repository, 'example/release.nix'), 'utf8'));

    await editor.runCommand('Fix All');
    await page.locator('.tab.active.dirty[data-resource-name="release.nix"]').waitFor();
    await editor.runCommand('File: Save');
    await row('No leaks').waitFor();
    assert.equal(await read('release.nix'), repaired);
  });
});
