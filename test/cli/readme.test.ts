import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';

const repository = join(import.meta.dirname, '..', '..');

test('the command prints for the example what the README shows', async () => {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const shown = /```console\n\$ node dist\/cli\.js (.*)\n([^]*?)```/.exec(readme);
  assert.ok(shown !== null, 'the README shows a run of the command');
  const [, words = '', output] = shown;
  const { stdout } = await runCommand(words.split(' '), repository);
  assert.equal(`${stdout}\n`.replace(/\n+$/, '\n'), output);
});
