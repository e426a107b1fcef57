import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { CancellationTokenSource, ProgressType } from 'vscode-languageserver/node';

import { methods, serverCommands, type TargetsResult } from '../../server/src/protocol.ts';
import { nixOf } from '../support/nixProcesses.ts';
import { Editor, uriOf } from './support/editor.ts';
import { derivation, makeWorkspace, type TestWorkspace } from './support/workspace.ts';

const mark = 'NIX_LENS_TEST_TARGET_SEARCH';

/** A workspace with a file whose evaluation stands still until somebody opens its gate. */
async function gatedWorkspace(): Promise<TestWorkspace> {
  const workspace = await makeWorkspace({
    'release.nix': `builtins.seq (builtins.readFile ./gate) { slow = ${derivation('slow', '"x86_64-linux"')}; }`,
    'default.nix': `{ quick = ${derivation('quick', '"x86_64-linux"')}; }`,
    'shell.nix': 'throw "on \\u001b[31m purpose"',
  });
  execFileSync('mkfifo', [workspace.file('gate')]);
  return workspace;
}

/** Opening it for writing waits until Nix reads: then it stands still, and closing it lets Nix go on. */
async function openGate(workspace: TestWorkspace): Promise<void> {
  const gate = await open(workspace.file('gate'), 'w');
  await gate.close();
}

const start = (workspace: TestWorkspace): Promise<Editor> =>
  Editor.start({
    root: workspace.root,
    settings: { 'evaluation.onOpen': false },
    env: { ...process.env, [mark]: workspace.root },
  });

const labelsOf = ({ targets }: TargetsResult): string[] => targets.map(({ label }) => label).sort();

/** Asks for targets as the picker does, and gathers what comes before the answer. */
function search(editor: Editor, token = new CancellationTokenSource().token) {
  const parts: TargetsResult[] = [];
  let heard: (() => void) | undefined;
  editor.connection.onProgress(new ProgressType<TargetsResult>(), 'the-search', (found) => {
    parts.push(found);
    heard?.();
  });
  const answer = editor.connection.sendRequest<TargetsResult>(
    methods.targets,
    { partialResultToken: 'the-search' },
    token,
  );
  /** The first of the parts that is as wanted. */
  const until = (wanted: (found: TargetsResult) => boolean): Promise<TargetsResult> =>
    new Promise((resolve) => {
      heard = () => {
        const found = parts.find(wanted);
        if (found) resolve(found);
      };
      heard();
    });
  return { parts, answer, until };
}

const hasQuick = (found: TargetsResult): boolean => labelsOf(found).includes('default.nix · quick');

describe('the search for targets', () => {
  test('tells what is known at once, then what is found, while a slow file is still looked into', async () => {
    await using workspace = await gatedWorkspace();
    await using editor = await start(workspace);
    const { parts, answer, until } = search(editor);
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    const found = await until(hasQuick);
    assert.equal(isAnswered, false, 'the gate is closed');
    assert.deepEqual(labelsOf(parts[0] ?? found), [], 'nothing is known at first');
    assert.ok(found.parts?.some(({ label, problem }) => label === 'release.nix' && problem === undefined));
    const failed = await until((one) => one.parts?.some(({ problem }) => problem !== undefined) ?? false);
    assert.match(failed.parts?.find(({ problem }) => problem)?.problem ?? '', /^shell\.nix: on/);
    await openGate(workspace);
    const all = await answer;
    assert.deepEqual(labelsOf(all), ['default.nix · quick', 'release.nix · slow']);
    assert.deepEqual(
      all.parts?.map(({ label }) => label),
      ['shell.nix'],
      'only what failed is left to be told',
    );
  });

  test('a target that was found is evaluated while others are looked for', async () => {
    await using workspace = await gatedWorkspace();
    await using editor = await start(workspace);
    const { answer, until } = search(editor);
    const [quick] = (await until(hasQuick)).targets;
    assert.ok(quick);
    await editor.select({ keys: [quick.key] });
    const status = await editor.status(({ summary }) => summary?.rootName === 'quick');
    assert.equal(status.target, 'default.nix · quick');
    await openGate(workspace);
    assert.deepEqual(labelsOf(await answer), ['default.nix · quick', 'release.nix · slow']);
  });

  test('cancelling it leaves no process, keeps what was found, and the next search begins anew', async () => {
    await using workspace = await gatedWorkspace();
    await using editor = await start(workspace);
    const cancel = new CancellationTokenSource();
    const { answer, until } = search(editor, cancel.token);
    await until(hasQuick);
    cancel.cancel();
    const kept = await answer;
    assert.deepEqual(labelsOf(kept), ['default.nix · quick']);
    await editor.untilQuiet('Nix', () => nixOf(`${mark}=${workspace.root}`).length === 0);
    const again = editor.targets();
    await openGate(workspace);
    assert.deepEqual(labelsOf(await again), ['default.nix · quick', 'release.nix · slow']);
  });

  test('what is known is told without a search', async () => {
    await using workspace = await gatedWorkspace();
    await using editor = await start(workspace);
    const known = await editor.targets({ known: true });
    assert.deepEqual(known.targets, []);
    assert.ok(known.systems.length > 1);
    assert.deepEqual(known.evaluateAs, [null]);
  });

  test('an attribute is evaluated as soon as its own file has been looked into', async () => {
    await using workspace = await gatedWorkspace();
    await using editor = await start(workspace);
    const file = workspace.file('default.nix');
    await editor.open(file);
    await editor.execute(serverCommands.evaluateAt, {
      uri: uriOf(file),
      position: editor.positionOf(file, 'quick'),
    });
    await editor.status(({ summary }) => summary?.rootName === 'quick');
    await openGate(workspace);
    await editor.targets();
  });

  test('the search for the attribute at the cursor can be cancelled', async () => {
    await using workspace = await gatedWorkspace();
    await using editor = await start(workspace);
    const file = workspace.file('release.nix');
    await editor.open(file);
    const cancel = new CancellationTokenSource();
    const place = { uri: uriOf(file), position: editor.positionOf(file, 'slow') };
    const answer = editor.connection.sendRequest(
      'workspace/executeCommand',
      { command: serverCommands.evaluateAt, arguments: [place] },
      cancel.token,
    );
    // It stands still there: only now is there something to cancel.
    const gate = await open(workspace.file('gate'), 'w');
    cancel.cancel();
    await assert.rejects(answer, /cancelled/);
    await gate.close();
    await editor.untilQuiet('Nix', () => nixOf(`${mark}=${workspace.root}`).length === 0);
  });
});
