import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CodeActionTriggerKind } from 'vscode-languageserver/node';

import { openWorkspace } from '../support/workspace.ts';
import { Editor } from './support/editor.ts';

/** @param note what the package says of itself, for which its tool is evaluated */
function crossed(note: string): string {
  return `{ set }:
let
  pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };
  endless = builtins.foldl' (a: n: a + n) 0 (builtins.genList (n: builtins.foldl' (a: n: a + n) 0 (builtins.genList (n: n) 1000000)) 1000000);
  tool = pkgs.jq;
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ tool ];
  note = ${note};
}
`;
}

async function open(note: string) {
  const workspace = await openWorkspace({ files: { 'default.nix': crossed(note) } });
  const main = join(workspace.root, 'default.nix');
  const targets = [{ file: main, attribute: '', arg: { set: join(workspace.root, '..', 'set.nix') } }];
  const editor = await Editor.start({ root: workspace.root, settings: { targets } });
  await editor.open(main);
  const [diagnostic] = await editor.someDiagnostics(main);
  assert.ok(diagnostic);
  return {
    editor,
    actions: async (kind: CodeActionTriggerKind) =>
      (await editor.codeActions(main, diagnostic, kind)).map(({ title }) => title),
    [Symbol.asyncDispose]: async () => {
      await editor[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
    },
  };
}

const repair = 'Use `pkgsBuildHost`, which runs on the build platform, for `pkgs.jq`';

describe('a menu of repairs that a person opens while they are being proven', () => {
  test('comes when they are proven', async () => {
    await using opened = await open('"none"');
    const titles = await opened.actions(CodeActionTriggerKind.Invoked);
    assert.ok(
      titles.some((title) => title.startsWith(`${repair} (proven: `)),
      titles.join('\n'),
    );
  });

  test('says so where that takes long, or is not waited for; and that it came to nothing', async () => {
    await using opened = await open('if tool == pkgs.pkgsBuildHost.jq then endless else "none"');
    const { editor, actions } = opened;
    const offered = (titles: string[]) => titles.filter((title) => title.startsWith(repair));
    const automatic = await editor.soon('A repair', async () => {
      const titles = offered(await actions(CodeActionTriggerKind.Automatic));
      return titles.length > 0 ? titles : undefined;
    });
    assert.deepEqual(automatic, [`${repair} (being proven)`]);
    assert.deepEqual(offered(await actions(CodeActionTriggerKind.Invoked)), [`${repair} (being proven)`]);
    const waiting = actions(CodeActionTriggerKind.Invoked);
    await editor.cancelProgress();
    for (const title of offered(await waiting)) assert.match(title, /\(not proven: /);
  });
});
