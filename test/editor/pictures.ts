import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

/** Takes the README's pictures while a test has the editor in the state that they show. */
export class Pictures {
  readonly #page: Page;
  readonly #directory: string | undefined;

  /** @param directory undefined: take none */
  constructor(page: Page, directory: string | undefined) {
    this.#page = page;
    this.#directory = directory;
  }

  /** Makes the window as wide and high as the pictures are, and the side bar wide enough for whole rows. */
  async arrange(): Promise<void> {
    if (this.#directory === undefined) return;
    await this.#page.setViewportSize({ width: 1360, height: 800 });
    const { x, y, width } = await boxOf(this.#page.locator('.part.sidebar'));
    await this.#page.mouse.move(x + width + 2, y + 400);
    await this.#page.mouse.down();
    await this.#page.mouse.move(x + 470, y + 400, { steps: 8 });
    await this.#page.mouse.up();
  }

  /** A picture of the window, or of what lies between the top left of one part and the bottom right of another. */
  async take(name: string, from?: Locator, to?: Locator): Promise<void> {
    if (this.#directory === undefined) return;
    await mkdir(this.#directory, { recursive: true });
    const clip = from && between(await boxOf(from), await boxOf(to ?? from));
    await this.#page.screenshot({ path: join(this.#directory, name), ...(clip ? { clip } : {}) });
  }
}

function between(from: Box, to: Box): Box {
  const margin = 16;
  return {
    x: from.x,
    y: from.y,
    width: Math.max(from.width, to.x + to.width - from.x + margin),
    height: to.y + to.height - from.y + margin,
  };
}

async function boxOf(part: Locator): Promise<Box> {
  const box = await part.boundingBox();
  assert.ok(box !== null, 'what is to be pictured is not on the screen');
  return box;
}
