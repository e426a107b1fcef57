import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { blocksOf, documentation, readPage } from '../support/markdown.ts';

const repository = join(import.meta.dirname, '..', '..');

/** Every run of the command that a page shows, with what it printed. */
const shown = documentation.flatMap((page) =>
  blocksOf(readPage(page)).flatMap(({ language, content }) => {
    if (language !== 'console') return [];
    const [, words, output] = /^\$ node dist\/cli\.js (.*)\n([^]*)$/.exec(content) ?? [];
    assert.ok(words !== undefined && output !== undefined, `${page}: a console shows a run of the command`);
    return { page, words, output };
  }),
);

test('the documentation shows a run of the command', () => {
  assert.ok(shown.some(({ page }) => page === 'docs/command-line.md'));
});

for (const { page, words, output } of shown) {
  test(`the command prints for the example what ${page} shows: ${words}`, async () => {
    const { stdout } = await runCommand(words.split(' '), repository);
    assert.equal(`${stdout}\n`.replace(/\n+$/, '\n'), output);
  });
}
