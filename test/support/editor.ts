import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { chromium } from 'playwright-core';
import type { Locator, Page } from 'playwright-core';

import { findBrowser } from '../../scripts/setup-editor.mjs';
import { startCodeServer } from '../../scripts/support/codeServer.mjs';

/** What a window is opened on. */
export interface WindowOptions {
  /** The workspace; opens in Restricted Mode until it is trusted. */
  readonly folder: string;
  /** Absolute path of a file to open at once. */
  readonly open?: string;
}

/** Settings of the user. */
const settings = {
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.layoutControl.enabled': false,
  // Where the pointer rests, a tip would lie on the row that is to be clicked next.
  'workbench.hover.delay': 3_600_000,
  'editor.minimap.enabled': false,
  'editor.hover.above': false,
  'editor.occurrencesHighlight': 'off',
  'files.autoSave': 'off',
  // The browser paints with the processor: nothing is to move that nobody looks at.
  'editor.cursorBlinking': 'solid',
  'workbench.reduceMotion': 'on',
};

/** The real VS Code in a real browser, with an extension of ours. */
export interface VsCode {
  /** Opens a folder in its window, in place of the one before. */
  openWindow(options: WindowOptions): Promise<Editor>;
  close(): Promise<void>;
}

/**
 * Starts VS Code; everything it keeps is thrown away by `close`.
 *
 * @param env environment of all that runs in it
 */
export async function startVsCode(vsix: string, env: NodeJS.ProcessEnv): Promise<VsCode> {
  const executablePath = findBrowser();
  assert.ok(executablePath, 'Chromium is missing: node scripts/setup-editor.mjs');
  const home = await mkdtemp(join(tmpdir(), 'nix-platform-lens-editor-'));
  const server = await startCodeServer({ home, vsix, settings, env });
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = await browser.newPage();
  // Half the runner's limit of a test: it only makes what hangs say what it waited for.
  page.setDefaultTimeout(300_000);
  return {
    async openWindow({ folder, open }) {
      try {
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(server.url(folder, open));
        await page.locator('.monaco-workbench .part.statusbar').waitFor();
        // What spins while something is under way would be painted again and again.
        await page.addStyleTag({ content: '* { animation: none !important; transition: none !important; }' });
      } catch (error) {
        throw new Error(`The workbench did not come up:\n${server.log()}`, { cause: error });
      }
      return new Editor(page, async () => {
        await page.goto('about:blank');
      });
    },
    async close() {
      await browser.close();
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A VS Code window, driven by what a person can do in it. Every method waits for what it promises. */
export class Editor implements AsyncDisposable {
  readonly page: Page;
  readonly #close: () => Promise<void>;

  constructor(page: Page, close: () => Promise<void>) {
    this.page = page;
    this.#close = close;
  }

  async close(): Promise<void> {
    await this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Leaves Restricted Mode by the page that its status bar entry opens. */
  async trustWorkspace(): Promise<void> {
    const restricted = this.page.locator('.statusbar-item', { hasText: 'Restricted Mode' });
    await restricted.click();
    await this.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: 'Trust', exact: true })
      .click();
    await restricted.waitFor({ state: 'hidden' });
    const dialog = this.page.locator('.monaco-modal-editor-block');
    await dialog.getByRole('button', { name: /^Close/ }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Runs a command by its title in the palette, category included: `Category: Title`. */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.#pick(
      `>${title}`,
      this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }),
    );
  }

  /** Opens a file of the workspace in front. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.#pick(
      name,
      this.page.locator('.quick-input-list .monaco-list-row', { hasText: basename(name) }),
    );
    await this.page.locator(`.tab.active[data-resource-name="${basename(name)}"]`).waitFor();
  }

  /** Puts the cursor of the active file at a place that counts from one. */
  async goTo(line: number, column: number): Promise<void> {
    // To the editor first: what has the focus now gets it back when the question is answered.
    await this.page.keyboard.press('Control+1');
    await this.page.keyboard.press('Control+G');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.fill(`:${line}:${column}`);
    await input.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** The text of the hover at a place of the active file, once it has one. */
  async hoverAt(line: number, column: number): Promise<string> {
    await this.goTo(line, column);
    await this.runCommand('Show or Focus Hover');
    const hover = this.page.locator('.monaco-editor .monaco-hover:not(.hidden), .monaco-resizable-hover');
    const contents = hover.locator('.hover-row:not(:has-text("Loading..."))');
    await contents.first().waitFor();
    return (await contents.allInnerTexts()).join('\n');
  }

  /** The rows of the Problems view as they are now, files included. */
  async problems(): Promise<string[]> {
    await this.runCommand('Problems: Focus on Problems View');
    const panel = this.page.locator('.markers-panel');
    await panel.waitFor();
    return panel.locator('.monaco-list-row').allInnerTexts();
  }

  /** Red squiggles in the active file. */
  get squiggles(): Locator {
    return this.page.locator('.monaco-editor .squiggly-error');
  }

  /** Applies the first code action of that title at the cursor; asks again while there is none. */
  async applyQuickFix(title: string | RegExp): Promise<void> {
    const row = this.page.locator('.action-widget .monaco-list-row', { hasText: title }).first();
    const none = this.page.locator('.monaco-editor-overlaymessage');
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await this.page.keyboard.press('Control+.');
      await row.or(none).first().waitFor();
      if (await row.isVisible()) break;
      await this.page.keyboard.press('Escape');
      await none.waitFor({ state: 'hidden' });
    }
    await row.click();
    await row.waitFor({ state: 'hidden' });
  }

  /** Undoes what was done last in the active file. */
  async undo(): Promise<void> {
    await this.page.keyboard.press('Control+1');
    await this.page.keyboard.press('Control+Z');
  }

  /** The text of the active file as far as it is on the screen. */
  async visibleText(): Promise<string> {
    const lines = await this.page.locator('.editor-group-container.active .view-line').allInnerTexts();
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path });
  }

  async #pick(text: string, row: Locator): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    await input.waitFor();
    await input.fill(text);
    await row.first().click();
  }
}
