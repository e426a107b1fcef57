import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DiagnosticSeverity } from 'vscode-languageserver-types';

import { methods, type ClosureChildrenResult } from '../../server/src/protocol.ts';
import { Editor } from './support/editor.ts';
import { makeWorkspace, type TestWorkspace } from './support/workspace.ts';

const text = `let
  make = name: more: derivation ({
    inherit name; system = builtins.currentSystem; builder = "/bin/sh"; allowSubstitutes = false;
  } // more);
  check = make "vm-test" { requiredSystemFeatures = [ "no-such-feature" ]; preferLocalBuild = true; };
in
make "app" { tests = [ check ]; }
`;

describe('what nobody here can build', () => {
  let workspace: TestWorkspace;
  let editor: Editor;
  let file: string;

  before(async () => {
    workspace = await makeWorkspace({ 'default.nix': text });
    file = workspace.file('default.nix');
    editor = await Editor.start({ root: workspace.root });
    await editor.open(file);
    const status = await editor.evaluated();
    assert.equal(status.state, 'done', status.message);
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  test('is a warning where it comes in', async () => {
    const diagnostics = await editor.someDiagnostics(file);
    assert.deepEqual(
      diagnostics.map(({ severity, code }) => [severity, code]),
      [[DiagnosticSeverity.Warning, 'no-builder']],
    );
    assert.match(JSON.stringify(diagnostics), /can be built by nobody here: .*no-such-feature/);
  });

  test('is marked at the function, where the call has many lines', async () => {
    await using folder = await makeWorkspace({
      'default.nix': text.replace('check = make "vm-test"', 'check = (make) "vm-test"\n   '),
    });
    const own = folder.file('default.nix');
    await using other = await Editor.start({ root: folder.root });
    await other.open(own);
    const [{ range } = assert.fail()] = await other.someDiagnostics(own);
    assert.equal(
      other.lineOf(own, range.start.line).slice(range.start.character, range.end.character),
      'make',
    );
    assert.equal(range.start.line, range.end.line);
  });

  test('says so under the pointer, and what does not decide', async () => {
    const value = await editor.hoverText(file, '[ check ]', 2);
    assert.match(value, /- can be built on: no machine that Nix knows of\. It would say: `.*no-such-feature/);
    assert.match(value, /`preferLocalBuild` does not change where it can be built/);
    assert.match(value, /system-features` lack `no-such-feature`/);
    assert.match(value, /`allowSubstitutes = false`: no substituter is asked/);
  });

  test('stands in the tree, without consumers to blame', async () => {
    const { reportId = -1 } = await editor.evaluated();
    const children = (parent?: string): Promise<ClosureChildrenResult> =>
      editor.connection.sendRequest(methods.closureChildren, {
        reportId,
        ...(parent !== undefined && { parent }),
        offset: 0,
        limit: 20,
      });
    const [leaks] = (await children()).nodes;
    const [leak] = (await children(leaks?.key)).nodes;
    assert.equal(leak?.label, 'vm-test');
    assert.match(leak.tooltip, /no machine that Nix knows of/);
    const kinds = (await children(leak.key)).nodes.map(({ kind }) => kind);
    assert.ok(!kinds.includes('consumers'), kinds.join(' '));
  });
});
