import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CompletionRequest,
  CompletionResolveRequest,
  type CompletionItem,
  type CompletionList,
} from 'vscode-languageserver/node';

import { processesWith, until } from '../support/nixProcesses.ts';
import { Editor, uriOf } from './support/editor.ts';
import { makeWorkspace, type TestWorkspace } from './support/workspace.ts';

const text = `{ system ? "x86_64-linux" }:
let
  make = name: system: derivation { inherit name system; builder = "/bin/sh"; };
  pkgs = { hello = make "hello" system; help = make "help" "x86_64-darwin"; "odd name" = 1; };
  unused = pkgs.help;
  inherit (pkgs) hello;
in
{
  app = make "app" system;
  other = { tool, extra ? pkgs.hello }: tool;
  broken = throw "on purpose";
  list = with pkgs; [ help ];
}
`;

const mark = 'NIX_LENS_TEST_ASKING';

describe('what no evaluation observed', () => {
  let workspace: TestWorkspace;
  let editor: Editor;
  let file: string;

  before(async () => {
    workspace = await makeWorkspace({ 'default.nix': text });
    file = workspace.file('default.nix');
    editor = await Editor.start({
      root: workspace.root,
      settings: { targets: [{ file: 'default.nix', attribute: 'app' }] },
      env: { ...process.env, [mark]: workspace.root },
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
  const complete = async (behind: string): Promise<CompletionList> => {
    const found = await editor.connection.sendRequest(CompletionRequest.type, {
      textDocument: { uri: uriOf(file) },
      position: editor.positionOf(file, behind, behind.length),
    });
    assert.ok(found && 'items' in found);
    return found;
  };
  const resolve = (item: CompletionItem | undefined): Promise<CompletionItem> => {
    assert.ok(item);
    return editor.connection.sendRequest(CompletionResolveRequest.type, item);
  };

  test('a derivation that no target uses is told by Nix, and said to be not evaluated', async () => {
    const value = await hover('help ]');
    assert.match(value, /\*\*help\*\*/);
    assert.match(value, /- build platform: `x86_64-darwin`/);
    assert.match(value, /\*Asked Nix just now, in the context of default\.nix · app\.\*/);
    assert.match(value, /Not evaluated/);
  });

  test('a binding, a set and a function', async () => {
    assert.match(await hover('unused ='), /\*\*help\*\*/);
    assert.match(await hover('hello;\nin'), /\*\*hello\*\*/);
    assert.match(await hover('pkgs = {'), /a set of 3: `hello`, `help`, `odd name`/);
    assert.match(await hover('make = name'), /a function of one argument/);
  });

  test('an error of the person’s code is told', async () => {
    assert.match(await hover('broken ='), /Nix cannot evaluate this here: on purpose/);
  });

  test('names are completed while one types, and say what they would be', async () => {
    await editor.type(file, 'unused = pkgs.', 'h');
    const { items } = await complete('unused = pkgs.h');
    assert.deepEqual(
      items.map(({ label }) => label),
      ['hello', 'help'],
    );
    const resolved = await resolve(items[0]);
    assert.equal(resolved.detail, 'hello · x86_64-linux');
    await editor.replace(file, 'unused = pkgs.hhelp', 'unused = pkgs.');
    const all = await complete('unused = pkgs.');
    assert.deepEqual(
      all.items.map(({ label, insertText }) => insertText ?? label),
      ['hello', 'help', '"odd name"'],
    );
    await editor.replace(file, 'unused = pkgs.', 'unused = pkgs.help');
  });

  test('names of the scope and of the set behind a with', async () => {
    await editor.replace(file, '[ help ]', '[ he ]');
    const { items } = await complete('[ he');
    assert.deepEqual(items.map(({ label }) => label).sort(), ['hello', 'help']);
    await editor.replace(file, '[ he ]', '[ help ]');
  });

  test('what was saved meanwhile counts', async () => {
    await editor.replace(file, '"x86_64-darwin"', '"aarch64-darwin"');
    await editor.save(file);
    await editor.evaluated(editor.statuses.length);
    const value = await editor.soon('the new value', async () => {
      const told = await hover('help ]');
      return told.includes('aarch64-darwin') ? told : undefined;
    });
    assert.match(value, /- build platform: `aarch64-darwin`/);
  });

  test('nothing of it outlives the server', async () => {
    // The server itself, and the Nix that stays.
    assert.ok(processesWith(workspace.root).length > 1);
    await editor[Symbol.asyncDispose]();
    await until('all have ended', () => processesWith(workspace.root).length === 0);
  });
});
