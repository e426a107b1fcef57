import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { NixFolder } from '../support/nixFolder.ts';
import { nixOf, processesWith } from '../support/nixProcesses.ts';
import { Editor } from './support/editor.ts';

/** Computes for hours without a pause in which it would hear a signal. */
const neverEnds = `
  let count = builtins.foldl' (a: b: a + b) 0;
  in { never = count (map (n: count (builtins.genList (x: x + n) 10000)) (builtins.genList (x: x) 1000000)); }
`;
const settings = { targets: [{ file: 'default.nix', attribute: 'never' }] };

describe('a server that ends in the middle of an evaluation leaves nothing behind', () => {
  for (const [way, end] of [
    ['as the protocol has it', (editor: Editor) => editor[Symbol.asyncDispose]()],
    ['without a shutdown', (editor: Editor) => editor.connection.sendNotification('exit')],
    ['by a signal', (editor: Editor) => editor.process.kill('SIGTERM')],
  ] as const) {
    test(way, async () => {
      using workspace = new NixFolder({ 'default.nix': neverEnds });
      using temporary = new NixFolder({}, 'npl-shutdown-');
      const env = { ...process.env, TMPDIR: temporary.path, NPL_TEST_MARK: temporary.path };
      const editor = await Editor.start({ root: workspace.path, settings, env });
      const copies = () =>
        readdirSync(temporary.path).filter((name) => name.startsWith('nix-platform-lens-'));
      const mark = `NPL_TEST_MARK=${temporary.path}`;
      await editor.open(workspace.file('default.nix'));
      await editor.untilQuiet('The start', () => copies().length > 0 && nixOf(mark).length === 2);
      const ended = once(editor.process, 'exit');
      await end(editor);
      await ended;
      assert.deepEqual(copies(), []);
      await editor.untilQuiet('Nix', () => processesWith(mark).length === 0);
    });
  }
});

test('an exception that nobody catches ends the server, which says why', async () => {
  using preload = new NixFolder(
    {
      'fault.cjs': `process.on('SIGUSR2', () => { throw new Error('a fault of the test'); });`,
    },
    'npl-fault-',
  );
  const env = { ...process.env, NODE_OPTIONS: `--require=${preload.file('fault.cjs')}` };
  const editor = await Editor.start({ env });
  const ended = once(editor.process, 'close');
  editor.process.kill('SIGUSR2');
  await ended;
  assert.notEqual(editor.process.exitCode, 0);
  assert.match(editor.log.join(''), /Error: a fault of the test/);
  editor.connection.dispose();
});
