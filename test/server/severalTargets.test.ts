import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import {
  methods,
  serverCommands,
  type ClosureChildrenResult,
  type StatusParams,
  type TargetFileResult,
} from '../../server/src/protocol.ts';
import { Editor, textOf, uriOf } from './support/editor.ts';
import { derivation, makeWorkspace, type TestWorkspace } from './support/workspace.ts';

/** Two hosts of different systems, which share a tool that takes the system of the machine that evaluates. */
const hosts = `let
  tool = ${derivation('tool', 'builtins.currentSystem')};
in {
  intel = ${derivation('intel', '"x86_64-linux"', 'inputs = [ tool ];')};
  arm = ${derivation('arm', '"aarch64-linux"', 'inputs = [ tool ];')};
}
`;
const other = `{
  alone = ${derivation('alone', '"x86_64-linux"')};
}
`;

/** The keys of targets by the end of their labels. */
async function keysOf(editor: Editor, ...names: string[]): Promise<string[]> {
  const { targets } = await editor.targets();
  return names.map((name) => {
    const target = targets.find(({ label }) => label.endsWith(name));
    assert.ok(target, `${name} is not offered`);
    return target.key;
  });
}

function allDone({ evaluations, stale }: StatusParams, count: number): boolean {
  return !stale && evaluations.length === count && evaluations.every(({ state }) => state === 'done');
}

/** An editor with both hosts chosen, evaluated as two systems. */
async function openBoth(editor: Editor, file: string): Promise<StatusParams> {
  await editor.open(file);
  await editor.evaluated();
  await editor.select({
    keys: await keysOf(editor, 'intel', 'arm'),
    evaluateAs: ['x86_64-linux', 'x86_64-darwin'],
  });
  return editor.status((status) => allDone(status, 4));
}

describe('two targets, evaluated as two systems', () => {
  let workspace: TestWorkspace;
  let editor: Editor;
  let file: string;
  /** When both had been evaluated. */
  let status: StatusParams;
  before(async () => {
    workspace = await makeWorkspace({ 'default.nix': hosts });
    file = workspace.file('default.nix');
    editor = await Editor.start({ root: workspace.root, settings: {} });
    assert.equal(await editor.connection.sendRequest(methods.targetFile), null, 'nothing is chosen yet');
    status = await openBoth(editor, file);
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  test('each has its own report; what they find is told together', async () => {
    assert.deepEqual(
      status.evaluations.map(({ target, evaluateAs, summary }) => [target, evaluateAs, summary?.leaks]),
      [
        ['default.nix · intel', 'x86_64-linux', 0],
        ['default.nix · intel', 'x86_64-darwin', 1],
        ['default.nix · arm', 'x86_64-linux', 1],
        ['default.nix · arm', 'x86_64-darwin', 1],
      ],
    );
    assert.equal(status.summary?.leaks, 3);
    assert.equal(status.evaluateAs, 'x86_64-linux, x86_64-darwin');

    const diagnostics = editor.diagnostics(file);
    const texts = diagnostics.map(textOf);
    assert.ok(texts.length > 0 && new Set(texts).size === texts.length, texts.join('\n'));
    assert.ok(
      texts.every((text) => text.includes('Seen in default.nix · ')),
      texts.join('\n'),
    );
    assert.ok(!texts.some((text) => text.includes('intel as x86_64-linux')), texts.join('\n'));

    const hints = await editor.inlayHints(file);
    const uses = hints.map(({ label }) => (typeof label === 'string' ? label : ''));
    assert.ok(
      uses.some((label) => label.includes('x86_64-linux') && label.includes('x86_64-darwin')),
      uses.join('\n'),
    );

    const hover = await editor.hoverText(file, 'tool ]');
    assert.match(hover, /In default\.nix · intel as x86\\?_64-linux/);
    assert.match(hover, /In default\.nix · intel as x86\\?_64-darwin/);

    const lenses = (await editor.codeLenses(file)).map(({ command }) => command?.title ?? '');
    assert.equal(lenses.filter((title) => title.startsWith('as x86_64-darwin: ')).length, 2);
    assert.equal(lenses.filter((title) => title.startsWith('as x86_64-linux: ')).length, 2);
  });

  test('they can be written to the target file, and are then read as they were', async () => {
    const written: TargetFileResult = await editor.connection.sendRequest(methods.targetFile);
    assert.equal(written.uri, uriOf(workspace.file('.nix-platform-lens.json')));
    assert.deepEqual(JSON.parse(written.text), {
      targets: [
        { file: 'default.nix', attribute: 'intel' },
        { file: 'default.nix', attribute: 'arm' },
      ],
      evaluateAs: ['x86_64-linux', 'x86_64-darwin'],
    });
    assert.deepEqual(await workspace.list(), ['default.nix'], 'the server writes nothing');
  });

  test('the tree has one branch for each, those with leaks first', async () => {
    const { reportId } = status;
    const children = async (parent?: string): Promise<ClosureChildrenResult> =>
      editor.connection.sendRequest(methods.closureChildren, {
        reportId,
        ...(parent !== undefined && { parent }),
        offset: 0,
        limit: 100,
      });
    const { nodes } = await children();
    assert.deepEqual(
      nodes.map(({ kind, label, state }) => [kind, label, state]),
      [
        ['evaluation', 'default.nix · intel as x86_64-darwin', 'foreign'],
        ['evaluation', 'default.nix · arm as x86_64-linux', 'foreign'],
        ['evaluation', 'default.nix · arm as x86_64-darwin', 'foreign'],
        ['evaluation', 'default.nix · intel as x86_64-linux', 'matching'],
      ],
    );
    const below = await children(nodes[0]?.key);
    assert.deepEqual(
      below.nodes.map(({ kind }) => kind),
      ['leaks', 'root'],
    );
    const [leak] = (await children(below.nodes[0]?.key)).nodes;
    assert.equal(leak?.label, 'tool');
    assert.ok(leak.key.startsWith(`${nodes[0]?.key ?? ''}/`));
    const path: ClosureChildrenResult = await editor.connection.sendRequest(methods.closurePath, {
      reportId,
      key: leak.key,
    });
    assert.deepEqual(
      path.nodes.map(({ label }) => label),
      ['intel', 'tool'],
    );
    assert.equal(JSON.stringify(await editor.reports()).match(/"version":1/g)?.length, 4);
  });

  test('of each evaluation the newest run wins', async () => {
    const seen = editor.statuses.length;
    const known = editor.statuses.at(-1)?.reportId ?? 0;
    await editor.execute(serverCommands.evaluate);
    await editor.execute(serverCommands.evaluate);
    const isOver = (one: StatusParams): boolean => allDone(one, 4) && one.reportId === known + 4;
    await editor.status(isOver, seen);
    await editor.settled();
    assert.equal(editor.statuses.at(-1)?.reportId, known + 4, 'the superseded ones brought nothing');
  });
});

describe('several targets', () => {
  test('the choice is there again when the server starts anew', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': hosts });
    const file = workspace.file('default.nix');
    const options = {
      root: workspace.root,
      settings: {},
      initializationOptions: { storage: workspace.file('.kept') },
    };
    const first = await Editor.start(options);
    await openBoth(first, file);
    await first[Symbol.asyncDispose]();

    await using editor = await Editor.start(options);
    await editor.open(file);
    const status = await editor.status((one) => allDone(one, 4));
    assert.deepEqual(
      status.evaluations.map(({ target, evaluateAs }) => `${target} ${evaluateAs ?? ''}`),
      [
        'default.nix · intel x86_64-linux',
        'default.nix · intel x86_64-darwin',
        'default.nix · arm x86_64-linux',
        'default.nix · arm x86_64-darwin',
      ],
    );
  });

  test('a file that no chosen target uses is never shown as fine', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': hosts, 'other.nix': other });
    await using editor = await Editor.start({
      root: workspace.root,
      settings: { targets: [{ file: 'default.nix', attribute: 'intel' }], evaluation: { openFiles: false } },
    });
    await editor.open(workspace.file('default.nix'));
    await editor.evaluated();
    await editor.open(workspace.file('other.nix'));
    const lens = await editor.soon('The lens', async () => {
      const [top] = await editor.codeLenses(workspace.file('other.nix'));
      return top?.range.start.line === 0 ? top : undefined;
    });
    assert.match(lens.command?.title ?? '', /^not evaluated: no active target/);
    const hover = await editor.hoverText(workspace.file('other.nix'), 'alone');
    assert.match(hover, /^Not evaluated: nothing of the closure of \*\*intel\*\*/);
    assert.deepEqual(await editor.inlayHints(workspace.file('other.nix')), []);
  });

  test('an open file that no chosen target reaches is evaluated for itself', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': hosts, 'other.nix': other });
    await using editor = await Editor.start({
      root: workspace.root,
      settings: { targets: [{ file: 'default.nix', attribute: 'intel' }] },
    });
    await editor.open(workspace.file('default.nix'));
    await editor.evaluated();
    await editor.open(workspace.file('other.nix'));
    const status = await editor.status((one) => allDone(one, 2));
    assert.deepEqual(
      status.evaluations.map(({ target, companion }) => [target, companion]),
      [
        ['default.nix · intel', false],
        ['other.nix · alone', true],
      ],
    );
    assert.equal(status.target, 'default.nix · intel', 'it is not the choice');
    assert.ok((await editor.inlayHints(workspace.file('other.nix'))).length > 0);
    await editor.close(workspace.file('other.nix'));
    await editor.status(({ evaluations }) => evaluations.length === 1, editor.statuses.length - 1);
  });

  test('a file that is read and makes no derivation is not called unused', async () => {
    await using workspace = await makeWorkspace({
      'default.nix': `let names = import ./names.nix; in { app = ${derivation('app', 'names.system')}; }`,
      'names.nix': '{ system = "x86_64-linux"; } # the last line',
      'unused.nix': '{ system = "x86_64-linux"; }',
    });
    const settings = { targets: [{ file: 'default.nix', attribute: 'app' }] };
    await using editor = await Editor.start({ root: workspace.root, settings });
    await editor.open(workspace.file('default.nix'));
    await editor.evaluated();
    for (const [name, says] of [
      ['names.nix', /^read by an active target/],
      ['unused.nix', /^not evaluated: no active target/],
    ] as const) {
      const file = workspace.file(name);
      await editor.open(file);
      const lens = await editor.soon('The lens', async () => (await editor.codeLenses(file))[0]);
      assert.match(lens.command?.title ?? '', says);
    }
  });

  test('a target file is read before the settings, followed, and its problems stand in it', async () => {
    const shared = (attribute: string): string =>
      JSON.stringify({ targets: [{ file: 'default.nix', attribute }], evaluateAs: ['aarch64-darwin'] });
    await using workspace = await makeWorkspace({
      'default.nix': hosts,
      '.nix-platform-lens.json': shared('arm'),
    });
    const file = workspace.file('.nix-platform-lens.json');
    const settings = { targets: [{ file: 'default.nix', attribute: 'intel' }] };
    await using editor = await Editor.start({ root: workspace.root, settings });
    await editor.open(workspace.file('default.nix'));
    assert.equal((await editor.evaluated()).target, 'default.nix · arm as aarch64-darwin');
    const { targets } = await editor.targets();
    assert.deepEqual(
      targets.slice(0, 2).map(({ label, description }) => [label, description]),
      [
        ['default.nix · arm', 'from .nix-platform-lens.json'],
        ['default.nix · intel', 'from the settings'],
      ],
    );

    await writeFile(file, '{ "targets": [ { "attribute": "arm" } ] }\n');
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: uriOf(file), type: 2 }],
    });
    const [problem] = await editor.someDiagnostics(file);
    assert.equal(problem?.code, 'target-file');
    assert.match(textOf(problem), /^targets\[0\]/);
    await editor.status(({ target }) => target === 'default.nix · intel');
  });
});
