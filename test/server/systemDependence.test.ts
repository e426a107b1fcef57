import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver-types';

import { Editor, textOf } from './support/editor.ts';
import { derivation, makeWorkspace } from './support/workspace.ts';

/** Each consistent in itself: a whole that follows the machine, one that does in part, one that does not. */
const file = `{ system ? builtins.currentSystem }:
let
  tool = ${derivation('tool', 'system')};
  mine = ${derivation('mine', '"x86_64-linux"')};
in {
  shell = ${derivation('shell', 'system', 'inputs = [ tool ];')};
  image = ${derivation('image', '"x86_64-linux"', 'kind = builtins.currentSystem;')};
  fixed = ${derivation('fixed', '"x86_64-linux"', 'inputs = [ mine ];')};
}
`;

const code = 'system-dependence';

const isDependence = (diagnostic: Diagnostic): boolean => diagnostic.code === code;

async function openAs(root: string, path: string, attribute: string, systems: string[]): Promise<Editor> {
  const settings = { targets: [{ file: 'default.nix', attribute }], evaluateAs: systems };
  const editor = await Editor.start({ root, settings });
  await editor.open(path);
  await editor.status(
    ({ evaluations, stale }) =>
      !stale && evaluations.length === systems.length && evaluations.every(({ state }) => state === 'done'),
  );
  return editor;
}

const both = ['x86_64-linux', 'x86_64-darwin'];

describe('a target that is evaluated as two systems', () => {
  test('is told to follow the machine, at the expression and in its hover', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': file });
    const path = workspace.file('default.nix');
    await using editor = await openAs(workspace.root, path, 'shell', both);
    const found = await editor.soon('The dependence', () =>
      Promise.resolve(editor.diagnostics(path).find(isDependence)),
    );
    assert.equal(found.severity, DiagnosticSeverity.Information);
    assert.match(
      textOf(found),
      /follows the machine that evaluates it: default\.nix · shell has another root/,
    );
    assert.match(textOf(found), /as x86_64-linux or x86_64-darwin/);
    const { start, end } = found.range;
    assert.equal(start.line, end.line);
    const text = file.split('\n')[start.line]?.slice(start.character, end.character) ?? '';
    const hover = await editor.hoverText(path, text);
    assert.match(hover, /follows the machine that evaluates it/);
    assert.ok(!editor.diagnostics(path).some(({ severity }) => severity === DiagnosticSeverity.Error));
  });

  test('is a warning at the target where it is built on one system all the same', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': file });
    const path = workspace.file('default.nix');
    await using editor = await openAs(workspace.root, path, 'image', both);
    const found = await editor.soon('The dependence', () =>
      Promise.resolve(editor.diagnostics(path).find(isDependence)),
    );
    assert.equal(found.severity, DiagnosticSeverity.Warning);
    assert.match(textOf(found), /^default\.nix · image has another root/);
  });

  test('is not told of where its root is the same, nor as one system', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': file });
    const path = workspace.file('default.nix');
    for (const [attribute, systems] of [
      ['fixed', both],
      ['shell', ['x86_64-darwin']],
    ] as const) {
      await using editor = await openAs(workspace.root, path, attribute, [...systems]);
      await editor.settled();
      assert.deepEqual(editor.diagnostics(path).filter(isDependence), []);
    }
  });

  test('is told once where a leak says so already', async () => {
    const text = file.replace('inputs = [ mine ];', 'inputs = [ mine tool ];');
    await using workspace = await makeWorkspace({ 'default.nix': text });
    const path = workspace.file('default.nix');
    await using editor = await openAs(workspace.root, path, 'fixed', both);
    await editor.settled();
    const all = editor.diagnostics(path);
    assert.ok(all.some(({ severity }) => severity === DiagnosticSeverity.Error));
    assert.deepEqual(all.filter(isDependence), []);
  });
});
