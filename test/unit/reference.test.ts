import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { referencePages } from '../../scripts/reference/pages.ts';
import { explainedIds, explainedRule } from '../../server/src/check/ruleHelp.ts';
import { declareProgram } from '../../server/src/cli/subcommands.ts';
import { readPage } from '../support/markdown.ts';
import { tableOf } from '../support/markdownTable.ts';

describe('what the documentation says of what is declared', () => {
  test('is what `npm run reference` writes', async () => {
    for (const { file, now, wanted } of await referencePages()) assert.equal(now, wanted, file);
  });

  test('each rule stands in the table with the level that it has', () => {
    const rows = tableOf(readPage('docs/rules.md'), 'Rule');
    assert.deepEqual(
      rows.map(([rule, level]) => [rule, level]),
      explainedIds.map((id) => [`[\`${id}\`](#${id})`, explainedRule(id).severity]),
    );
    for (const [rule, , text] of rows) assert.ok(text, rule);
  });

  test('each flag of each command stands in its page, and no flag that there is not', () => {
    const page = readPage('docs/command-line.md');
    const flags = declareProgram('', () => undefined).commands.flatMap(({ options }) =>
      options.map(({ flags: written }) => written),
    );
    const documented = [...page.matchAll(/^\| `((?:-\w, )?--[^`]+)`/gm)].map(([, written]) => written);
    assert.deepEqual(new Set(documented), new Set(flags));
    assert.ok(documented.length > 20);
  });

  test('each format stands in the table of formats', () => {
    const check = declareProgram('', () => undefined).commands.find((command) => command.name() === 'check');
    const format = check?.options.find(({ long }) => long === '--format');
    assert.deepEqual(
      tableOf(readPage('docs/command-line.md'), 'Format').map(([name]) => name),
      format?.argChoices?.map((name) => `\`${name}\``),
    );
  });
});
