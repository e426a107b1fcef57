import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { methods, type ClosureChildrenResult, type StatusParams } from '../../server/src/protocol.ts';
import { nixOf, processesWith } from '../support/nixProcesses.ts';
import { Editor, textOf, uriOf, type EditorOptions } from './support/editor.ts';
import { derivation, leakyFile, makeWorkspace, type TestWorkspace } from './support/workspace.ts';

const good = `{ app = ${derivation('app', '"x86_64-linux"')}; }\n`;
/** 10¹⁰ additions. */
const endless = `{ app = let sum = f: n: builtins.foldl' (a: b: a + f b) 0 (builtins.genList (x: x) n); in sum (_: sum (x: x) 10000) 1000000; }\n`;

/** Opens a workspace's `default.nix` with the target `app` and waits for the outcome. */
async function open(
  workspace: TestWorkspace,
  options: EditorOptions & { readonly settings?: object } = {},
): Promise<Editor> {
  const settings = { targets: [{ file: 'default.nix', attribute: 'app' }], ...options.settings };
  const editor = await Editor.start({ root: workspace.root, ...options, settings });
  await editor.open(workspace.file('default.nix'));
  return editor;
}

/** The server still works: a good text is evaluated. */
async function recovers(editor: Editor, file: string): Promise<void> {
  const seen = editor.statuses.length;
  await editor.rewrite(file, good);
  await editor.save(file);
  const status = await editor.evaluated(seen);
  assert.equal(status.state, 'done', status.message);
  await editor.until('No diagnostic', () => (editor.diagnostics(file).length === 0 ? true : undefined));
}

describe('errors in Nix code are diagnostics at their place, and the server lives on', () => {
  const cases: [name: string, text: string, at: string, message: RegExp][] = [
    ['a syntax error', '{ app = [ 1 2 ; }\n', ';', /syntax error/],
    ['an undefined name', '{ app = hello; }\n', 'hello', /undefined variable 'hello'/],
    ['a thrown error', '{ app = throw "no luck"; }\n', 'throw', /no luck/],
    ['infinite recursion', '{ app = let a = a; in a; }\n', 'a;', /infinite recursion/],
  ];
  let workspace: TestWorkspace;
  let editor: Editor;
  let file: string;
  before(async () => {
    workspace = await makeWorkspace({ 'default.nix': cases[0]?.[1] ?? '' });
    file = workspace.file('default.nix');
    editor = await open(workspace);
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  /** Has a text evaluated: the first case's is so from the start, the others come after a good one. */
  async function evaluate(text: string): Promise<StatusParams> {
    const seen = editor.statuses.length;
    if (text === cases[0]?.[1]) return editor.evaluated();
    await editor.rewrite(file, text);
    await editor.save(file);
    return editor.evaluated(seen);
  }

  for (const [name, text, at, message] of cases) {
    test(name, async () => {
      const status = await evaluate(text);
      assert.equal(status.state, 'failed');
      assert.match(status.message ?? '', message);
      const [diagnostic] = await editor.someDiagnostics(file);
      assert.ok(diagnostic);
      assert.match(textOf(diagnostic), message);
      assert.equal(diagnostic.code, 'evaluation');
      assert.equal(diagnostic.range.start.line, editor.positionOf(file, at).line);
      await recovers(editor, file);
      assert.deepEqual(editor.log, []);
    });
  }

  for (const [name, text, message] of [
    ['an attribute that does not exist', '{ other = 1; }\n', /attribute '?app'?.*not found/],
    ['a value that is no derivation', '{ app = 1; }\n', /derivation/],
  ] as const) {
    test(name, async () => {
      const status = await evaluate(text);
      assert.equal(status.state, 'failed');
      assert.match(status.message ?? '', message);
      assert.equal((await editor.someDiagnostics(file)).length, 1);
      await recovers(editor, file);
    });
  }
});

describe('errors in Nix code are told where somebody looks', () => {
  test('a failure names its target, and the closure of before says that it is old', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': good });
    await using editor = await open(workspace);
    const file = workspace.file('default.nix');
    const before = await editor.evaluated();
    const seen = editor.statuses.length;
    await editor.rewrite(file, '{ app = throw "no luck"; }\n');
    await editor.save(file);
    const status = await editor.status(({ state }) => state === 'failed', seen);
    assert.match(
      status.message ?? '',
      /^Evaluation of default\.nix · app failed: no luck\. .*The closure shown is from before the failure\.$/s,
    );
    assert.equal(status.stale, true);
    assert.ok(status.reportId !== undefined && status.reportId !== before.reportId);
    const { nodes } = await editor.connection.sendRequest<ClosureChildrenResult>(methods.closureChildren, {
      reportId: status.reportId,
      offset: 0,
      limit: 10,
    });
    assert.deepEqual(
      nodes.map(({ label }) => label),
      ['From before the failure', 'No leaks', 'app'],
    );
  });

  test('an error outside the workspace stands at the target as well', async () => {
    await using elsewhere = await makeWorkspace({ 'package.nix': '{ name = throw "deep down"; }.name\n' });
    const set = elsewhere.file('package.nix');
    await using workspace = await makeWorkspace({ 'default.nix': `{ app = import ${set}; }\n` });
    await using editor = await open(workspace);
    for (const file of [set, workspace.file('default.nix')]) {
      const [diagnostic] = await editor.someDiagnostics(file);
      assert.match(
        textOf(diagnostic ?? assert.fail()),
        /^Evaluation of default\.nix · app failed: deep down/,
      );
    }
    assert.deepEqual(
      (await editor.someDiagnostics(workspace.file('default.nix')))[0]?.range,
      editor.rangeOf(workspace.file('default.nix'), 'app'),
    );
  });

  test('an error in a file that is not open', async () => {
    await using workspace = await makeWorkspace({
      'default.nix': '{ app = import ./deep/package.nix; }\n',
      'deep/package.nix': '{\n  name = abort "deep down";\n}.name\n',
    });
    await using editor = await open(workspace);
    assert.equal((await editor.evaluated()).state, 'failed');
    const [diagnostic] = await editor.someDiagnostics(workspace.file('deep/package.nix'));
    assert.ok(diagnostic);
    assert.match(textOf(diagnostic), /deep down/);
    assert.equal(diagnostic.range.start.line, 1);
    await recovers(editor, workspace.file('default.nix'));
    assert.deepEqual(editor.diagnostics(workspace.file('deep/package.nix')), []);
  });
});

describe('evaluations without end', () => {
  test('are stopped by the time limit of the settings', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': endless });
    await using editor = await open(workspace, { settings: { evaluation: { timeout: 1 } } });
    const status = await editor.evaluated();
    assert.equal(status.state, 'failed');
    assert.match(status.message ?? '', /time|second/i);
    // Evaluations leave the processor to others: on a busy machine a second is not enough for anything.
    await editor.changeSettings({ evaluation: { timeout: 120 } });
    await recovers(editor, workspace.file('default.nix'));
  });

  for (const [name, cancel] of [
    ['the progress', (editor: Editor) => editor.cancelProgress()],
    ['the command', (editor: Editor) => editor.execute('nixPlatformLens.server.cancel')],
  ] as const) {
    test(`are cancelled by ${name}, their processes with them`, async () => {
      await using workspace = await makeWorkspace({ 'default.nix': endless });
      const mark = `NPL_TEST_MARK=${workspace.root}`;
      await using editor = await open(workspace, { env: { ...process.env, NPL_TEST_MARK: workspace.root } });
      await editor.untilQuiet('The wait for Nix', () => nixOf(mark).length > 0);
      await editor.until('The progress', () => (editor.progress.length > 0 ? true : undefined));
      await cancel(editor);
      const status = await editor.status(({ state }) => state === 'idle', editor.statuses.length - 1);
      assert.equal(status.message, 'The evaluation was cancelled.');
      await editor.until('The end', () => (editor.progress.at(-1) === 'end' ? true : undefined));
      await editor.untilQuiet('Nix', () => nixOf(mark).length === 0);
      await recovers(editor, workspace.file('default.nix'));
    });
  }

  test('end with the server', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': endless });
    const mark = `NPL_TEST_MARK=${workspace.root}`;
    const editor = await open(workspace, { env: { ...process.env, NPL_TEST_MARK: workspace.root } });
    await editor.untilQuiet('The wait for Nix', () => nixOf(mark).length > 0);
    await editor[Symbol.asyncDispose]();
    await editor.untilQuiet('Nix', () => processesWith(mark).length === 0);
  });
});

describe('Nix itself', () => {
  test('that is not there is told once, with what to do, and blamed on no file', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': good });
    const directory = workspace.file('no-nix-here');
    await using editor = await open(workspace, { settings: { nix: { directory } } });
    const status = await editor.evaluated();
    assert.equal(status.state, 'failed');
    assert.equal(status.problem, 'nix-not-found');
    assert.match(
      status.message ?? '',
      /There is no nix-instantiate in .*no-nix-here.*nixPlatformLens\.nix\.directory/,
    );
    assert.deepEqual(editor.diagnostics(workspace.file('default.nix')), []);

    const seen = editor.statuses.length;
    await editor.changeSettings({ targets: [{ file: 'default.nix', attribute: 'app' }] });
    assert.equal((await editor.evaluated(seen)).state, 'done');
  });
});

describe('files', () => {
  test('that are deleted while they are evaluated give one clear error', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': good, 'other.nix': '1\n' });
    await using editor = await open(workspace);
    await editor.evaluated();
    const file = workspace.file('default.nix');
    const seen = editor.statuses.length;
    await editor.execute('nixPlatformLens.server.evaluate');
    await rm(file);
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: uriOf(file), type: 3 }],
    });
    const status = await editor.status(({ state }) => state === 'failed', seen);
    assert.match(status.message ?? '', /default\.nix/);
    await writeFile(file, good);
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: uriOf(file), type: 1 }],
    });
    await editor.execute('nixPlatformLens.server.evaluate');
    assert.equal(
      (await editor.status(({ state }) => state === 'done', editor.statuses.length)).state,
      'done',
    );
    assert.deepEqual(editor.log, []);
  });

  test('that are renamed are found under their new name when they are opened', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    await using editor = await Editor.start({
      root: workspace.root,
      settings: { evaluateAs: 'x86_64-darwin' },
    });
    const [before, after] = [workspace.file('default.nix'), workspace.file('release.nix')];
    await editor.open(before);
    assert.equal((await editor.evaluated()).target, 'default.nix · app as x86_64-darwin');
    const seen = editor.statuses.length;
    await rename(before, after);
    await editor.close(before);
    await editor.open(after);
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [
        { uri: uriOf(before), type: 3 },
        { uri: uriOf(after), type: 1 },
      ],
    });
    await editor.status(
      ({ state, target }) => state === 'done' && (target ?? '').startsWith('release.nix'),
      seen,
    );
    await editor.someDiagnostics(after);
    assert.deepEqual(editor.diagnostics(before), []);
  });

  test('of 5 MB are taken, and requests about them answered', async () => {
    const many = Array.from(
      { length: 60_000 },
      (_, index) => `  attribute${index} = [ "${'x'.repeat(60)}" ];`,
    );
    const large = `{\n  app = ${derivation('app', '"x86_64-linux"')};\n${many.join('\n')}\n}\n`;
    assert.ok(large.length > 5_000_000);
    await using workspace = await makeWorkspace({ 'default.nix': large });
    await using editor = await open(workspace);
    const file = workspace.file('default.nix');
    assert.equal((await editor.evaluated()).state, 'done');
    assert.notEqual(await editor.hover(file, 'app =', 1), null);
    await editor.type(file, 'attribute7 = [', ' 1');
    assert.equal((await editor.inlayHints(file)).length, 1);
  });

  test('that are no files are left alone', async () => {
    await using editor = await Editor.start();
    const uri = 'untitled:Untitled-1';
    await editor.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'nix', version: 1, text: '{ }' },
    });
    const position = { line: 0, character: 0 };
    assert.equal(
      await editor.connection.sendRequest('textDocument/hover', { textDocument: { uri }, position }),
      null,
    );
    assert.deepEqual(
      await editor.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } }),
      [],
    );
    assert.deepEqual(editor.log, []);
  });
});

test('the workspace is left as it was', async () => {
  await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
  await using editor = await open(workspace, { settings: { evaluateAs: 'x86_64-darwin' } });
  await editor.evaluated();
  await editor.until('The end', () => (editor.progress.at(-1) === 'end' ? true : undefined));
  assert.deepEqual(await workspace.list(), ['default.nix']);
});
