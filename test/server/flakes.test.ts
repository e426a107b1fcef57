import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CancellationTokenSource } from 'vscode-languageserver/node';

import { Editor } from './support/editor.ts';
import { derivation, makeWorkspace } from './support/workspace.ts';

const manyPackages = `{
  outputs = { self }: {
    packages.x86_64-linux.tool = ${derivation('tool', '"x86_64-linux"')};
    legacyPackages.x86_64-linux = {
      othello = throw "not asked for";
      hello-unfree = throw "not asked for";
      hello = ${derivation('hello', '"x86_64-linux"')};
      never = throw "not asked for";
    };
  };
}
`;

describe('flakes', () => {
  test('packages that are too many are a group, which is searched and from which one is chosen', async () => {
    await using workspace = await makeWorkspace({ 'flake.nix': manyPackages });
    await using editor = await Editor.start({ root: workspace.root, settings: {} });
    await editor.open(workspace.file('flake.nix'));
    const { target } = await editor.evaluated();
    assert.equal(target, '.#packages.x86_64-linux.tool', 'a group is no target');

    const { targets } = await editor.targets();
    const group = targets.find((item) => item.group);
    assert.equal(group?.label, '.#legacyPackages.x86_64-linux …');
    const parent = group.key;
    await assert.rejects(editor.select({ keys: [parent] }), /does not exist/);

    // As somebody types: each search ends the one before.
    const first = new CancellationTokenSource();
    const early = editor.targets({ parent }, first.token);
    const late = editor.targets({ parent, search: 'HELL' });
    first.cancel();
    assert.deepEqual((await early).targets, []);
    const found = (await late).targets;
    assert.deepEqual(
      found.map(({ label }) => label),
      ['hello', 'hello-unfree', 'othello'].map((name) => `.#legacyPackages.x86_64-linux.${name}`),
    );
    assert.deepEqual((await editor.targets({ parent, search: 'absent' })).targets, []);

    const seen = editor.statuses.length;
    await editor.select({ keys: [found[0]?.key ?? ''] });
    const done = await editor.evaluated(seen);
    assert.equal(done.target, '.#legacyPackages.x86_64-linux.hello');
    assert.equal(done.summary?.rootName, 'hello');
    const active = (await editor.targets()).targets.filter((item) => item.active);
    assert.deepEqual(
      active.map(({ label }) => label),
      ['.#legacyPackages.x86_64-linux.hello'],
    );
    await assert.rejects(editor.targets({ parent: '.#legacyPackages.riscv64-linux' }), /does not exist/);
  });
});
