import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { runProcess } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';

const app = 'derivation { name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; }';

/** Where the command meets a mistake in itself: at a place that belongs to one evaluation, and at another. */
const places: Readonly<Record<string, string>> = {
  'while it evaluates': `performance.now = () => undefined.here;`,
  'where nobody waits for it': `if (process.argv.includes('check'))
    setImmediate(() => { undefined.here; });`,
};

for (const [place, fault] of Object.entries(places)) {
  describe(`a defect of the command's own, ${place}`, () => {
    const check = async (...args: string[]) => {
      using folder = new NixFolder({ 'default.nix': `{ app = ${app}; }`, 'fault.cjs': fault }, 'npl-defect-');
      const env = { NODE_OPTIONS: `--require=${folder.file('fault.cjs')}` };
      return await runProcess(['check', '-f', 'default.nix', '-A', 'app', ...args], folder.path, env);
    };

    test('is one line, with how to find out more', async () => {
      const { exitCode, stderr } = await check();
      assert.equal(exitCode, 2);
      assert.match(stderr, /Cannot read properties of undefined/);
      assert.match(stderr, /a defect of nix-platform-lens\. With --debug it says where\./);
      assert.doesNotMatch(stderr, /fault\.cjs:/);
    });

    test('shows its stack with --debug', async () => {
      const { exitCode, stderr } = await check('--debug');
      assert.equal(exitCode, 2);
      assert.match(stderr, /Cannot read properties of undefined/);
      assert.match(stderr, /^ +at .*fault\.cjs:\d+/m);
    });
  });
}
