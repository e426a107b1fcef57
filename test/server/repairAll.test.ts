import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { CodeAction } from 'vscode-languageserver/node';

import { serverCommands } from '../../server/src/protocol.ts';
import { openWorkspace, type OpenWorkspace } from '../support/workspace.ts';
import { Editor } from './support/editor.ts';

const kind = 'source.fixAll.nixPlatformLens';

/** Three tools for the wrong platform in a cross-compiled package, two of them in one file. */
const files = {
  'default.nix': `{ set }:
let
  pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };
in
pkgs.stdenv.mkDerivation {
  name = "root"; # „ü“
  nativeBuildInputs = [ pkgs.jq ];
  buildInputs = [
    (import ./lib.nix { inherit pkgs; })
    (pkgs.stdenv.mkDerivation { name = "other"; nativeBuildInputs = [ pkgs.hello ]; })
  ];
}
`,
  'lib.nix': `{ pkgs }:
pkgs.stdenv.mkDerivation { name = "lib"; nativeBuildInputs = [ pkgs.vim ]; }
`,
} as const;

const repaired = {
  'default.nix': files['default.nix']
    .replace('pkgs.jq', 'pkgs.pkgsBuildHost.jq')
    .replace('pkgs.hello', 'pkgs.pkgsBuildHost.hello'),
  'lib.nix': files['lib.nix'].replace('pkgs.vim', 'pkgs.pkgsBuildHost.vim'),
};

interface Opened extends AsyncDisposable {
  readonly editor: Editor;
  readonly main: string;
  readonly library: string;
}

async function open(settings: Readonly<Record<string, unknown>> = {}): Promise<Opened> {
  const workspace: OpenWorkspace = await openWorkspace({ files });
  const main = join(workspace.root, 'default.nix');
  const targets = [{ file: main, attribute: '', arg: { set: join(workspace.root, '..', 'set.nix') } }];
  const editor = await Editor.start({ root: workspace.root, settings: { targets, ...settings } });
  await editor.open(main);
  await editor.evaluated();
  return {
    editor,
    main,
    library: join(workspace.root, 'lib.nix'),
    [Symbol.asyncDispose]: async () => {
      await editor[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
    },
  };
}

/** What repairs all in a file, once it is proven. */
function fixAll({ editor, main }: Opened): Promise<CodeAction> {
  return editor.soon('A repair of all', async () => (await editor.sourceActions(main, kind))[0]);
}

describe('what repairs all at once', () => {
  test('is announced, and given for its kind and the kinds above it alone', async () => {
    await using opened = await open();
    const { editor, main } = opened;
    const { codeActionProvider } = editor.initialized?.capabilities ?? {};
    assert.ok(typeof codeActionProvider === 'object' && codeActionProvider.codeActionKinds?.includes(kind));
    const action = await fixAll(opened);
    assert.equal(action.kind, kind);
    assert.equal(action.title, 'Repair all that is proven in this file (2)');
    for (const wider of ['source', 'source.fixAll'])
      assert.equal((await editor.sourceActions(main, wider)).length, 1);
    for (const other of ['source.organizeImports', 'source.fixAll.other', 'refactor'])
      assert.deepEqual(await editor.sourceActions(main, other), []);
  });

  test('edits its file alone; then nothing is left there', async () => {
    await using opened = await open();
    const { editor, main, library } = opened;
    const action = await fixAll(opened);
    const changes = action.edit?.documentChanges ?? [];
    assert.equal(changes.length, 1);
    await editor.apply(action);
    assert.equal(editor.textOf(main), repaired['default.nix']);
    // What is changed is not proven: an editor that asks on saving gets nothing.
    assert.deepEqual(await editor.sourceActions(main, kind), []);
    const seen = editor.statuses.length;
    await editor.save(main);
    const status = await editor.evaluated(seen);
    assert.equal(status.summary?.leaks, 1);
    assert.equal(readFileSync(library, 'utf8'), files['lib.nix']);
    assert.deepEqual(await editor.sourceActions(main, kind), []);
  });

  test('is offered as a quick-fix for the file, and for the workspace', async () => {
    await using opened = await open();
    const { editor, main } = opened;
    await fixAll(opened);
    const diagnostic = editor.diagnostics(main).find(({ range }) => range.start.line === 6);
    assert.ok(diagnostic);
    const actions = await editor.codeActions(main, diagnostic);
    const all = actions.filter(({ title }) => title.startsWith('Repair all'));
    assert.deepEqual(
      all.map(({ title, kind: of, isPreferred }) => [title, of, isPreferred]),
      [
        ['Repair all 2 of `build-platform` in this file (each proven)', 'quickfix', undefined],
        ['Repair all 3 of `build-platform` in the workspace (each proven)', 'quickfix', undefined],
      ],
    );
    assert.equal(actions.filter(({ isPreferred }) => isPreferred).length, 1);
    const [, everywhere] = all;
    assert.ok(everywhere);
    await editor.apply(everywhere);
    assert.equal(editor.textOf(main), repaired['default.nix']);
    assert.equal(editor.textOf(opened.library), repaired['lib.nix']);
  });

  test('is a command, which says what it did', async () => {
    await using opened = await open();
    const { editor, main, library } = opened;
    await fixAll(opened);
    assert.equal(await editor.execute(serverCommands.repairAll), null);
    assert.equal(editor.textOf(main), repaired['default.nix']);
    assert.equal(editor.textOf(library), repaired['lib.nix']);
    assert.equal(editor.shown.at(-1), '3 proven repairs in 2 files. Saved, they are evaluated again.');
    await editor.execute(serverCommands.repairAll);
    assert.match(editor.shown.at(-1) ?? '', /^Nothing is proven of texts that have changed: save them/);
    await editor.save(library);
    const seen = editor.statuses.length;
    await editor.save(main);
    assert.equal((await editor.evaluated(seen)).summary?.leaks, 0);
    await editor.execute(serverCommands.repairAll);
    assert.equal(editor.shown.at(-1), 'There is no repair that is proven for all targets.');
  });

  test('is nothing where nothing is told', async () => {
    await using opened = await open({ rules: { 'build-platform': 'off' } });
    const { editor, main } = opened;
    await editor.settled();
    assert.deepEqual(await editor.sourceActions(main, kind), []);
  });

  test('writes the build packages as the settings say', async () => {
    await using opened = await open({ repairs: { buildPackageSet: 'buildPackages' } });
    await opened.editor.apply(await fixAll(opened));
    assert.match(opened.editor.textOf(opened.main), /pkgs\.buildPackages\.jq/);
  });
});
