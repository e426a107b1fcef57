import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { Editor, textOf, uriOf } from './support/editor.ts';
import { derivation, leakyFile, makeWorkspace, type TestWorkspace } from './support/workspace.ts';

const settings = { targets: [{ file: 'default.nix', attribute: 'app' }], evaluateAs: 'x86_64-darwin' };

const beyond: Readonly<Record<string, readonly [text: string, because: RegExp]>> = {
  'a line of 5 MB': [`{ a = [${' 1'.repeat(2_500_000)}]; }`, /a million values/],
  'a million bindings': [
    `{${Array.from({ length: 1_000_000 }, (_, n) => `a${n}=1;\n`).join('')}}`,
    /million (?:values|characters)/,
  ],
  'a long comment': [`/* ${'x '.repeat(4_500_000)}*/ 1`, /8 million characters/],
  'three thousand brackets': ['['.repeat(3000) + ']'.repeat(3000), /400 levels deep/],
};

for (const trusted of [true, false]) {
  describe(trusted ? 'in a trusted workspace' : 'in a workspace that is not trusted', () => {
    let workspace: TestWorkspace;
    let editor: Editor;
    before(async () => {
      workspace = await makeWorkspace({ 'default.nix': leakyFile });
      const initializationOptions = { trusted };
      editor = await Editor.start({ root: workspace.root, settings, initializationOptions });
    });
    after(async () => {
      await editor[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
    });

    for (const [index, [what, [text, because]]] of Object.entries(beyond).entries()) {
      test(`${what} is only highlighted, which is said`, async () => {
        const file = workspace.file(`large${index}.nix`);
        await writeFile(file, text);
        const seen = editor.statuses.length;
        await editor.open(file);
        const [told] = await editor.someDiagnostics(file);
        assert.ok(told);
        assert.equal(told.code, 'text-limit');
        assert.match(textOf(told), /^This file is only highlighted: .* Split it/);
        assert.match(textOf(told), because);
        const status = await editor.status(({ documents = [] }) => documents.length > 0, seen);
        assert.deepEqual(status.documents, [{ uri: uriOf(file), message: textOf(told) }]);
        // What is asked of it is answered, and of the others as ever.
        assert.equal(
          await editor.connection.sendRequest('textDocument/hover', {
            textDocument: { uri: uriOf(file) },
            position: { line: 0, character: 100 },
          }),
          null,
        );
        const other = workspace.file('default.nix');
        await editor.open(other);
        if (trusted) {
          const known = editor.statuses.length;
          await editor.rewrite(other, `${leakyFile}# ${index}\n`);
          await editor.save(other);
          assert.equal((await editor.evaluated(known)).summary?.leaks, 1);
        }
        await editor.rewrite(file, '{ }');
        if (trusted) await editor.save(file);
        await editor.until('The end of it', () => (editor.diagnostics(file).length === 0 ? true : undefined));
        for (const open of [file, other]) await editor.close(open);
      });
    }
  });
}

test('a file beyond the limits is evaluated as it is, and costs what is seen in it alone', async () => {
  const large = `[${' 1'.repeat(1_300_000)} (${derivation('inner', 'builtins.currentSystem')}) ]`;
  const app = derivation('app', '"x86_64-linux"', 'inputs = [ tool inner ];');
  await using workspace = await makeWorkspace({
    'default.nix': `let
      tool = ${derivation('tool', 'builtins.currentSystem')};
      all = import ./large.nix;
      inner = builtins.elemAt all (builtins.length all - 1);
    in { app = ${app}; }`,
    'large.nix': large,
  });
  await using editor = await Editor.start({ root: workspace.root, settings });
  const file = workspace.file('default.nix');
  await editor.open(file);
  assert.equal((await editor.evaluated()).summary?.leaks, 2);
  const lines = (await editor.someDiagnostics(file)).map(({ range }) => range.start.line);
  assert.ok(lines.length > 0);
});
