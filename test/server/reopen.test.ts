import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MarkupContent, type Hover } from 'vscode-languageserver-types';

import { methods, type ClosureChildrenResult } from '../../server/src/protocol.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { Editor, textOf } from './support/editor.ts';
import { leakyFile, makeWorkspace, type TestWorkspace } from './support/workspace.ts';

const settings = { targets: [{ file: 'default.nix', attribute: 'app' }], evaluateAs: 'x86_64-darwin' };
/** Nothing but what was kept can answer. */
const asleep = { ...settings, 'evaluation.onOpen': false };

interface Start {
  readonly workspace: TestWorkspace;
  readonly settings: unknown;
  readonly trusted?: boolean;
}

/** An editor that keeps what it learns in the workspace's folder `.kept`, with `default.nix` open. */
async function openEditor({ workspace, settings: given, trusted = true }: Start): Promise<Editor> {
  const editor = await Editor.start({
    root: workspace.root,
    settings: given,
    initializationOptions: { trusted, storage: workspace.file('.kept') },
  });
  await editor.open(workspace.file('default.nix'));
  return editor;
}

/** What an editor shows of a file and of the closure, less what is known of the machines that build. */
async function answers(editor: Editor, file: string): Promise<unknown> {
  const { reportId } = await editor.status((status) => status.reportId !== undefined);
  const children: ClosureChildrenResult = await editor.connection.sendRequest(methods.closureChildren, {
    reportId,
    offset: 0,
    limit: 50,
  });
  const hover = await editor.hover(file, 'tool other', 1);
  const hints = await editor.inlayHints(file);
  return {
    hints: hints.map(({ position, label }) => [position, label]),
    hover: markdownOf(hover)
      .replace(/^\*As of \d\d:\d\d\.\*\n\n/, '')
      .replace(/^- can be built on: .*\n/m, ''),
    squiggles: (await editor.someDiagnostics(file)).map(textOf),
    rows: children.nodes.map(({ label }) => label),
  };
}

/** Evaluates a workspace for the first time; what was shown then. */
async function firstSession(workspace: TestWorkspace, given: unknown = settings): Promise<unknown> {
  await using editor = await openEditor({ workspace, settings: given });
  await editor.evaluated();
  await editor.settled();
  return await answers(editor, workspace.file('default.nix'));
}

function markdownOf(hover: Hover | null): string {
  assert.ok(hover && MarkupContent.is(hover.contents));
  return hover.contents.value;
}

/** The files that hold reports. */
async function keptReports(workspace: TestWorkspace): Promise<string[]> {
  const folder = workspace.file('.kept/reports');
  return (await readdir(folder)).map((name) => join(folder, name));
}

describe('a workspace that is opened again', () => {
  test('shows at once what was found before, and says when, without any Nix', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    const file = workspace.file('default.nix');
    const before = await firstSession(workspace);
    const [report, ...others] = await keptReports(workspace);
    assert.ok(report !== undefined && others.length === 0);
    assert.equal((await stat(report)).mode & 0o777, 0o600);

    using programs = new NixFolder({});
    const mark = programs.file('started');
    for (const name of ['nix', 'nix-instantiate', 'nix-store']) {
      programs.write(
        name,
        `#!/bin/sh\ntouch '${mark}'\n[ "$1" = --version ] && echo 'nix (Nix) 2.8.0' || exec sleep 1000\n`,
      );
      await chmod(programs.file(name), 0o755);
    }
    const hanging = { ...settings, 'nix.directory': programs.path };
    await using editor = await openEditor({
      workspace,
      settings: { ...hanging, 'evaluation.onOpen': false },
    });
    const status = await editor.status(({ asOf }) => asOf !== undefined);
    assert.equal(status.state, 'done');
    assert.equal(status.stale, false);
    assert.match(status.message ?? '', / What is shown is as of \d\d:\d\d\.$/);
    const hover = await editor.hover(file, 'tool other', 1);
    assert.match(markdownOf(hover), /^\*As of \d\d:\d\d\.\*\n/);
    assert.deepEqual(await answers(editor, file), before);
    await editor.settled();
    assert.equal(existsSync(mark), false);

    // While an evaluation is under way that never ends, it is still shown.
    await editor.connection.sendRequest(methods.evaluate);
    await editor.untilQuiet('The wait for Nix', () => existsSync(mark));
    assert.deepEqual(await answers(editor, file), before);
  });

  test('is evaluated again, which replaces what was kept', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    const before = await firstSession(workspace);
    await using editor = await openEditor({ workspace, settings });
    await editor.evaluated();
    assert.ok(editor.statuses.some(({ asOf }) => asOf !== undefined));
    assert.deepEqual(await answers(editor, workspace.file('default.nix')), before);
  });

  test('shows a file that has changed since as stale, with its hints where they belong now', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    const file = workspace.file('default.nix');
    await firstSession(workspace);
    await writeFile(file, `# Another line.\n${leakyFile}`);
    await using editor = await openEditor({ workspace, settings: asleep });
    const status = await editor.status(({ asOf }) => asOf !== undefined);
    assert.equal(status.stale, true);
    const hints = await editor.inlayHints(file);
    assert.ok(
      hints.length > 0 && hints.every(({ label }) => typeof label === 'string' && label.startsWith('~')),
    );
    const { line } = editor.positionOf(file, 'tool other');
    assert.ok(hints.some(({ position }) => position.line === line));
  });

  test('knows what was evaluated last where nobody chose or named a target', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    const before = await firstSession(workspace, { evaluateAs: 'x86_64-darwin' });
    await using editor = await openEditor({
      workspace,
      settings: { evaluateAs: 'x86_64-darwin', 'evaluation.onOpen': false },
    });
    const status = await editor.status(({ asOf }) => asOf !== undefined);
    assert.equal(status.target, 'default.nix · app as x86_64-darwin');
    assert.deepEqual(await answers(editor, workspace.file('default.nix')), before);
  });
});

describe('nothing that was kept is shown', () => {
  test('where it is damaged: it is removed, and the log says so', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    await firstSession(workspace);
    const [report = ''] = await keptReports(workspace);
    const bytes = await readFile(report);
    await writeFile(report, bytes.subarray(0, bytes.length / 2));
    await using editor = await openEditor({ workspace, settings: asleep });
    await editor.until('A word about the damage', () =>
      editor.log.find((line) => line.includes('could not be used')),
    );
    assert.deepEqual(await keptReports(workspace), []);
    assert.deepEqual(await editor.inlayHints(workspace.file('default.nix')), []);
    editor.log.length = 0;
  });

  test('where the setting forbids it, which also keeps nothing', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    const without = { ...settings, 'cache.enabled': false };
    await firstSession(workspace, without);
    assert.equal(existsSync(workspace.file('.kept/reports')), false);
    await firstSession(workspace);
    await using editor = await openEditor({ workspace, settings: { ...asleep, 'cache.enabled': false } });
    await editor.settled();
    assert.deepEqual(await editor.inlayHints(workspace.file('default.nix')), []);
  });

  test('where the workspace is not trusted, until it is', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    await firstSession(workspace);
    await using editor = await openEditor({ workspace, settings: asleep, trusted: false });
    await editor.settled();
    assert.deepEqual(await editor.inlayHints(workspace.file('default.nix')), []);
    await editor.connection.sendNotification(methods.trust);
    await editor.status(({ asOf }) => asOf !== undefined);
  });
});
