import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  methods,
  type ClosureChildrenResult,
  type ClosureNode,
  type ClosurePathResult,
} from '../../server/src/protocol.ts';
import { Editor, uriOf } from './support/editor.ts';
import { copyExample, exampleSettings, type ExampleWorkspace } from './support/exampleWorkspace.ts';

describe('the closure tree of the example', () => {
  let workspace: ExampleWorkspace;
  let editor: Editor;
  let reportId = -1;

  before(async () => {
    workspace = await copyExample();
    editor = await Editor.start({ root: workspace.root, settings: exampleSettings });
    await editor.open(workspace.release);
    reportId = (await editor.evaluated()).reportId ?? -1;
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  const page = (parent: string | undefined, offset = 0, limit = 200): Promise<ClosureChildrenResult> =>
    editor.connection.sendRequest(methods.closureChildren, {
      reportId,
      ...(parent !== undefined && { parent }),
      offset,
      limit,
    });
  const children = async (parent?: string): Promise<readonly ClosureNode[]> => (await page(parent)).nodes;
  const path = async (key: string): Promise<readonly ClosureNode[]> =>
    (await editor.connection.sendRequest<ClosurePathResult>(methods.closurePath, { reportId, key })).nodes;
  const rows = (nodes: readonly ClosureNode[]): string[] =>
    nodes.map(({ kind, label, description, state }) => `${kind} ${label} | ${description} | ${state}`);

  test('the leaks come first, then the root', async () => {
    assert.deepEqual(rows(await children()), [
      'leaks 2 leaks | 37 derivations · 22 darwin-built through 2 inputs | foreign',
      'root build-farm-1.0 | x86_64-linux | matching',
    ]);
  });

  test('each leak says what it is and leads to its origin', async () => {
    const leaks = await children('leaks');
    assert.deepEqual(rows(leaks), [
      'leak nix-2.18.2 | x86_64-darwin · both inputs together bring in 22 darwin-built derivations | foreign',
      'leak nix-perl-2.18.2 | x86_64-darwin · both inputs together bring in 22 darwin-built derivations | foreign',
    ]);
    assert.deepEqual(leaks[0]?.origin, {
      uri: uriOf(workspace.release),
      range: editor.rangeOf(workspace.release, 'pkgs.nix'),
    });
    assert.match(leaks[0].tooltip, /\*\*nix-2\.18\.2\*\*/);
  });

  test('below a leak: origin, cause, path, consumers, and the input itself', async () => {
    const [leak] = await children('leaks');
    const below = await children(leak?.key);
    assert.equal(below[0]?.label, 'pkgs.nix');
    assert.match(below[0].description, /comes in here · release\.nix:19$/);
    const cause = below.find(({ key }) => key.endsWith('/cause'));
    assert.match(cause?.description ?? '', /^is the cause · release\.nix:10$/);

    const steps = await children(below.find(({ label }) => label === 'path from the root')?.key);
    assert.deepEqual(
      steps.map(({ label }) => label),
      ['build-farm-1.0', 'nix-2.18.2'],
    );
    const consumers = await children(below.find(({ kind }) => kind === 'consumers')?.key);
    assert.deepEqual(rows(consumers), [
      'derivation build-farm-1.0 | buildInputs · needs x86_64-linux | matching',
      'derivation build-farm-perl-deps | reference · needs x86_64-linux | matching',
    ]);
    assert.equal(below.at(-1)?.label, 'nix-2.18.2');
    assert.equal(below.at(-1)?.state, 'foreign');
    assert.equal(below.at(-1)?.expandable, true);
  });

  test('below the root: its inputs, foreign ones first, each with its role', async () => {
    const inputs = await children('root');
    assert.match(
      rows(inputs)[0] ?? '',
      /^derivation nix-2\.18\.2 \| buildInputs · x86_64-darwin \| foreign$/,
    );
    const states = inputs.map(({ state }) => state);
    assert.deepEqual(
      states,
      [...states].sort((one, other) => rank(one) - rank(other)),
    );
    assert.equal(states.filter((state) => state === 'foreign').length, 1);
  });

  test('every way down ends, and every key is another one', async () => {
    const keys = new Set<string>();
    const visit = async (parent: string | undefined, depth: number): Promise<void> => {
      assert.ok(depth < 50, `no end below ${parent ?? 'the top'}`);
      for (const node of await children(parent)) {
        assert.ok(!keys.has(node.key), node.key);
        keys.add(node.key);
        if (node.expandable) await visit(node.key, depth + 1);
        else assert.deepEqual(await children(node.key), []);
      }
    };
    const nix = (await children('leaks')).find(({ label }) => label === 'nix-2.18.2');
    await visit(nix?.key, 0);
    assert.ok(keys.size > 20);
  });

  test('pages follow one another', async () => {
    const whole = await page('root');
    assert.equal(whole.total, whole.nodes.length);
    const one = await page('root', 0, 2);
    const two = await page('root', 2, 500);
    assert.equal(one.nodes.length, 2);
    assert.equal(one.total, whole.total);
    assert.deepEqual([...one.nodes, ...two.nodes], whole.nodes);
    assert.deepEqual((await page('root', 1_000)).nodes, []);
  });

  test('the path to a row can be walked down from the root', async () => {
    const [foreign] = await children('root');
    const [deeper] = await children(foreign?.key);
    const steps = await path(deeper?.key ?? '');
    assert.equal(steps[0]?.key, 'root');
    assert.equal(steps.at(-1)?.label, deeper?.label);
    let at = 'root';
    for (const step of steps.slice(1)) {
      const child = (await children(at)).find(({ key }) => key === step.key);
      assert.deepEqual(child, step);
      at = step.key;
    }
  });

  test('keys that are none, and reports that are gone, give nothing and no error', async () => {
    for (const key of [
      '',
      'x',
      'root/',
      'root/99999',
      'leaks/99999',
      'leaks/0/cause',
      '../..',
      'root/0/-1',
    ]) {
      assert.deepEqual(await children(key), [], key);
      assert.deepEqual(await path(key), [], key);
    }
    reportId += 1;
    assert.deepEqual(await page(undefined), { current: false, nodes: [], total: 0 });
    reportId -= 1;
  });

  test('a request of another form is refused, and said why', async () => {
    await assert.rejects(
      editor.connection.sendRequest(methods.closureChildren, { reportId: 'one' }),
      /closureChildren was called with arguments of another form: .*reportId/s,
    );
    await assert.rejects(
      editor.connection.sendRequest(methods.selectTarget, { keys: ['nowhere'] }),
      /This evaluation target does not exist/,
    );
    for (const evaluateAs of ['darwin', '--arg x-y']) {
      await assert.rejects(
        editor.connection.sendRequest(methods.selectTarget, { evaluateAs: [evaluateAs] }),
        /not a system such as/,
      );
    }
    assert.equal((await children()).length, 2);
  });
});

function rank(state: ClosureNode['state']): number {
  return ['foreign', 'unknown', 'matching', 'neutral'].indexOf(state);
}
