import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { methods, type ClosureChildrenResult } from '../../server/src/protocol.ts';
import { Editor, textOf } from './support/editor.ts';
import { makeWorkspace, type TestWorkspace } from './support/workspace.ts';

const text = `let
  make = name: system: more: derivation ({ inherit name system; builder = "/bin/sh"; } // more);
  stdenv = make "stdenv" "x86_64-linux" { };
  cross = { inherit stdenv; cmakeFlags = "-DCMAKE_SYSTEM_NAME=Linux"; };
  each = system: make "each" system { };
  phone = make "phone-aarch64-unknown-linux-gnu" "x86_64-linux" cross;
  source = make "source" "aarch64-darwin" {
    outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    outputHashMode = "flat";
  };
  data = derivation { name = "data"; system = "builtin"; builder = "builtin:fetchurl"; url = "file:///x"; };
  asked = make "asked" "x86_64-linux" { };
  unused = make "unused" "x86_64-linux" { };
in
{
  app = make "app" "x86_64-linux" {
    inherit stdenv;
    tools = map each [ "x86_64-linux" "aarch64-linux" ];
    rest = [ phone source data ];
    length = builtins.stringLength (builtins.unsafeDiscardStringContext asked.drvPath);
    never = if true then [ ] else [ unused ];
  };
}
`;

describe('values of all kinds', () => {
  let workspace: TestWorkspace;
  let editor: Editor;
  let file: string;

  before(async () => {
    workspace = await makeWorkspace({ 'default.nix': text });
    file = workspace.file('default.nix');
    editor = await Editor.start({
      root: workspace.root,
      settings: { targets: [{ file: 'default.nix', attribute: 'app' }] },
    });
    await editor.open(file);
    const status = await editor.evaluated();
    assert.equal(status.state, 'done', status.message);
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  const hover = (at: string, into = 1): Promise<string> => editor.hoverText(file, at, into);

  test('each kind has its hint', async () => {
    const hints = await editor.inlayHints(file);
    const line = editor.positionOf(file, 'rest =').line;
    assert.deepEqual(
      hints.filter(({ position }) => position.line === line).map(({ label }) => label),
      ['▸ x86_64-linux → aarch64-linux', '▸ aarch64-darwin', '▸ builtin'],
    );
  });

  test('one that is cross-compiled tells both platforms, and how sure that is', async () => {
    const value = await hover('phone source');
    assert.match(value, /- build platform: `x86_64-linux`/);
    assert.match(value, /- host platform: `aarch64-linux` \(inferred from the derivation\)/);
  });

  test('a fixed output has no host platform, and is a note at most', async () => {
    assert.match(await hover('source data'), /- host platform: none: its content is fixed/);
    const [note, ...others] = await editor
      .someDiagnostics(file)
      .then((found) => found.filter(({ severity }) => severity === 3));
    assert.deepEqual(others, []);
    assert.ok(note);
    assert.match(textOf(note), /source.*has the same content on every system/);
    assert.deepEqual(note.code, 'fixed-output');
  });

  test('what Nix itself builds can be built anywhere', async () => {
    const value = await hover('data ]');
    assert.match(value, /- host platform: none: it is data that Nix itself makes/);
    assert.match(value, /- can be built on: any machine/);
  });

  test('an expression of several values lists them all', async () => {
    const value = await hover('make "each"', 1);
    assert.match(value, /^This expression has 2 values in the closure\./);
    assert.ok(
      value.indexOf('`aarch64-linux`') < value.indexOf('- build platform: `x86_64-linux`'),
      'foreign ones first',
    );
  });

  test('what was not evaluated is said to be so', async () => {
    assert.match(await hover('unused ]'), /^Not evaluated: nothing of the closure of \*\*app\*\* was seen/);
  });

  test('what was evaluated, yet is not in the closure, is told apart from that', async () => {
    assert.match(
      await hover('asked = make'),
      /^Evaluated, but not in the closure: this is \*\*asked\*\*, and \*\*app\*\* does not depend on it\./,
    );
  });

  test('notes stand behind the leaks in the tree, and are not red', async () => {
    const { reportId = -1 } = await editor.evaluated();
    const ask = (parent?: string): Promise<ClosureChildrenResult> =>
      editor.connection.sendRequest(methods.closureChildren, {
        reportId,
        ...(parent !== undefined && { parent }),
        offset: 0,
        limit: 100,
      });
    const top = await ask();
    assert.deepEqual(
      top.nodes.map(({ key, label, state }) => [key, label, state]),
      [
        ['leaks', '1 leak', 'foreign'],
        ['root', 'app', 'matching'],
        ['notes', '1 note', 'neutral'],
      ],
    );
    const [note] = (await ask('notes')).nodes;
    assert.deepEqual([note?.label, note?.state], ['source', 'neutral']);
    const inputs = (await ask('root')).nodes.map(({ label, state }) => [label, state]);
    assert.deepEqual(inputs.at(0), ['each', 'foreign']);
    assert.deepEqual(inputs.slice(-2), [
      ['data', 'neutral'],
      ['source', 'neutral'],
    ]);
  });

  test('nothing went wrong inside', () => assert.deepEqual(editor.log, []));
});
