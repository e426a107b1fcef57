import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { CodeAction, Diagnostic } from 'vscode-languageserver/node';

import { parseTargetFile } from '../../server/src/targets/targetFile.ts';
import { methods, type TargetFileResult } from '../../server/src/protocol.ts';
import { copyExample, exampleSettings, type ExampleWorkspace } from './support/exampleWorkspace.ts';
import { Editor, textOf, uriOf } from './support/editor.ts';
import { derivation, makeWorkspace } from './support/workspace.ts';

const titlesOf = (actions: readonly CodeAction[]): string[] => actions.map(({ title }) => title);
const runsOf = (editor: Editor): number =>
  editor.information.filter((line) => line.includes(' derivations, ')).length;

/** The diagnostics of a file, once they are as wanted. */
function diagnosticsOf(
  editor: Editor,
  file: string,
  isWanted: (diagnostics: readonly Diagnostic[]) => boolean,
): Promise<readonly Diagnostic[]> {
  return editor.until('The diagnostics', () => {
    const found = editor.diagnostics(file);
    return isWanted(found) ? found : undefined;
  });
}

describe('levels and suppressions in an editor', () => {
  let workspace: ExampleWorkspace;
  let editor: Editor;

  before(async () => {
    workspace = await copyExample();
    editor = await Editor.start({ root: workspace.root, settings: exampleSettings });
    await editor.open(workspace.release);
    await editor.evaluated();
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  test('another level holds at once, everywhere, and without an evaluation', async () => {
    const { release } = workspace;
    const runs = runsOf(editor);
    assert.ok(runs > 0);
    const since = editor.statuses.length;
    const asWarning = { 'host-platform': 'warning', 'plain-reference': 'warning' };
    await editor.changeSettings({ ...exampleSettings, rules: asWarning });
    const [diagnostic] = await diagnosticsOf(editor, release, ([first]) => first?.severity === 2);
    assert.equal(diagnostic?.code, 'host-platform');
    const warned = await editor.status(({ summary }) => summary?.errors === 0, since);
    assert.deepEqual([warned.summary?.leaks, warned.state, warned.stale], [2, 'done', false]);

    const off = { 'host-platform': 'off', 'plain-reference': 'off' };
    await editor.changeSettings({ ...exampleSettings, rules: off });
    await diagnosticsOf(editor, release, (found) => found.length === 0);
    const none = await editor.status(({ summary }) => summary?.leaks === 0, since);
    assert.equal(none.message, '37 derivations · no leaks.');
    assert.equal((await editor.report()).leaks.length, 0);

    await editor.changeSettings(exampleSettings);
    const [back] = await diagnosticsOf(editor, release, (found) => found.length > 0);
    assert.equal(back?.severity, 1);
    assert.equal(runsOf(editor), runs, 'nothing was evaluated');
    assert.ok(!editor.statuses.slice(since).some(({ state }) => state === 'running'));
    // The repairs that went with the leaks come back with them, proven.
    const actions = await editor.soon('The repairs', async () => {
      const found = await editor.codeActions(release, back);
      return found.some(({ isPreferred }) => isPreferred) ? found : undefined;
    });
    assert.match(actions[0]?.title ?? '', /\(proven: 22 → 0 darwin-built, 2 derivations change\)/);
  });

  test('the target file sets levels, the settings come after it, and saving targets keeps them', async () => {
    const { release, root } = workspace;
    const file = `${root}/.nix-platform-lens.json`;
    const runs = runsOf(editor);
    const text = JSON.stringify({ rules: { 'host-platform': 'info', 'plain-reference': 'off' } });
    const changed = async (type: number): Promise<void> =>
      editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
        changes: [{ uri: uriOf(file), type }],
      });
    await writeFile(file, text);
    await changed(1);
    await diagnosticsOf(editor, release, ([first]) => first?.severity === 3);
    await editor.changeSettings({ ...exampleSettings, rules: { 'host-platform': 'error' } });
    await diagnosticsOf(editor, release, ([first]) => first?.severity === 1);
    assert.deepEqual(
      (await editor.report()).leaks.map(({ rule, severity }) => [rule, severity]),
      [['host-platform', 'error']],
    );
    assert.equal(runsOf(editor), runs, 'nothing was evaluated');
    const saved: TargetFileResult = await editor.connection.sendRequest(methods.targetFile);
    assert.deepEqual(parseTargetFile(file, saved.text).rules, {
      'host-platform': 'info',
      'plain-reference': 'off',
    });
    await editor.changeSettings(exampleSettings);
    await writeFile(file, '{ "rules": {} }');
    await changed(2);
    await editor.soon('Both leaks', async () =>
      (await editor.report()).leaks.length === 2 ? true : undefined,
    );
  });

  test('a finding can be allowed where it is: the last quick-fix, never preferred', async () => {
    const { release } = workspace;
    const [diagnostic] = await editor.someDiagnostics(release);
    assert.ok(diagnostic);
    const actions = await editor.codeActions(release, diagnostic);
    const allow = actions.at(-1);
    assert.equal(allow?.title, 'Allow host-platform, plain-reference here: …');
    assert.equal(allow.isPreferred, undefined);
    assert.deepEqual(
      allow.diagnostics?.map(({ code }) => code),
      ['host-platform'],
    );
    assert.equal(titlesOf(actions).filter((title) => title.startsWith('Allow')).length, 1);

    await editor.apply(allow);
    await editor.save(release);
    await editor.evaluated(editor.statuses.length);
    const text = await readFile(release, 'utf8');
    assert.ok(
      text.includes(
        '    let\n      # nix-platform-lens: allow host-platform, plain-reference: why\n      nix = pkgs.nix;\n',
      ),
      text,
    );
    assert.deepEqual(await diagnosticsOf(editor, release, (found) => found.length === 0), []);
    // What was told before stays with a status that says that it is evaluated once more.
    await editor.status(({ message }) => message === '37 derivations · no leaks · 2 suppressed.');
    const report = await editor.report();
    assert.deepEqual(report.leaks, []);
    assert.equal(report.suppressed.length, 2);
    const hint = (await editor.inlayHints(release)).find(
      ({ position }) => position.line === editor.positionOf(release, 'pkgs.nix;').line,
    );
    assert.equal(hint?.label, '▸ x86_64-darwin');
    const hover = JSON.stringify((await editor.hover(release, 'pkgs.nix;', 6))?.contents);
    assert.match(hover, /Allowed \(`host-platform`, `plain-reference`\): why/);
  });

  test('one that is needed no more is told, with what removes it', async () => {
    const { release } = workspace;
    await editor.replace(release, 'nix = pkgs.nix;', 'nix = (import ./nixpkgs { inherit system; }).nix;');
    const since = editor.statuses.length;
    await editor.save(release);
    await editor.evaluated(since);
    const [diagnostic] = await diagnosticsOf(
      editor,
      release,
      ([first]) => first?.code === 'unused-suppression',
    );
    assert.ok(diagnostic);
    assert.equal(diagnostic.severity, 2);
    assert.deepEqual(diagnostic.tags, [1]);
    assert.match(textOf(diagnostic), /is not needed/);
    const [remove, ...others] = await editor.codeActions(release, diagnostic);
    assert.ok(remove);
    assert.deepEqual(others, []);
    assert.equal(remove.title, 'Remove the suppression');
    await editor.apply(remove);
    await editor.save(release);
    const text = await readFile(release, 'utf8');
    assert.ok(text.includes('    let\n      nix = (import ./nixpkgs { inherit system; }).nix;\n'), text);
    await diagnosticsOf(editor, release, (found) => found.length === 0);
  });
});

const tool = derivation('tool', 'builtins.currentSystem');
/** Uses a tool for the machine that evaluates, in a script. */
const uses = `{
  app = ${derivation('app', '"x86_64-linux"', `script = ''\n    \${${tool}}/bin/tool\n  '';`)};
}
`;

test('in a string there is no line for a comment: it goes into the interpolation', async () => {
  await using workspace = await makeWorkspace({ 'default.nix': uses });
  await using editor = await Editor.start({
    root: workspace.root,
    settings: { evaluateAs: 'x86_64-darwin' },
  });
  const file = workspace.file('default.nix');
  await editor.open(file);
  await editor.evaluated();
  const [diagnostic] = await editor.someDiagnostics(file);
  assert.ok(diagnostic);
  const allow = (await editor.codeActions(file, diagnostic)).at(-1);
  assert.ok(allow);
  assert.equal(allow.title, 'Allow plain-reference here: …');
  await editor.apply(allow);
  await editor.save(file);
  const text = await readFile(file, 'utf8');
  assert.ok(text.includes('    ${/* nix-platform-lens: allow plain-reference: why */ derivation {'), text);
  await diagnosticsOf(editor, file, (found) => found.length === 0);
  assert.equal((await editor.report()).suppressed.length, 1);
});

test('what one of several evaluations needs is not unused', async () => {
  const text = uses
    .replace("script = ''", "# nix-platform-lens: allow plain-reference: so\n  script = ''")
    .replace('${tool}', '${/* nix-platform-lens: allow plain-reference: so */ tool}');
  await using workspace = await makeWorkspace({ 'default.nix': text });
  await using editor = await Editor.start({
    root: workspace.root,
    settings: { evaluateAs: ['x86_64-linux', 'x86_64-darwin'] },
  });
  const file = workspace.file('default.nix');
  await editor.open(file);
  await editor.status(
    ({ evaluations }) => evaluations.length === 2 && evaluations.every(({ state }) => state === 'done'),
  );
  const unused = (found: readonly Diagnostic[]): Diagnostic[] =>
    found.filter(({ code }) => code === 'unused-suppression');
  const found = unused(await diagnosticsOf(editor, file, (all) => unused(all).length > 0));
  assert.deepEqual(
    found.map(({ range }) => range.start),
    [editor.positionOf(file, '# nix-platform-lens')],
    'the one in the interpolation is needed where it is evaluated as darwin',
  );
  await editor.changeSettings({
    evaluateAs: ['x86_64-linux', 'x86_64-darwin'],
    rules: { 'unused-suppression': 'off' },
  });
  await diagnosticsOf(editor, file, (all) => unused(all).length === 0);
});
