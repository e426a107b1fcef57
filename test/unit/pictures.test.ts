import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allShortestPaths } from '../../server/src/check/allShortestPaths.ts';
import { findDerivations } from '../../server/src/check/findDerivations.ts';
import { shortestPaths } from '../../server/src/check/shortestPaths.ts';
import type { DerivationGraph } from '../../server/src/model/derivationGraph.ts';
import { drawPaths, type Picture } from '../../server/src/output/picture.ts';
import { picturesDot } from '../../server/src/output/toDot.ts';
import { picturesMermaid } from '../../server/src/output/toMermaid.ts';
import { layOut } from '../support/graphviz.ts';
import { judge } from '../support/closure.ts';
import type { StoredDerivation, SyntheticStore } from '../support/syntheticStore.ts';

/** A root with `width` ways of `depth` steps to one input. */
function ladder(width: number, depth: number) {
  return (store: SyntheticStore): StoredDerivation => {
    const end = store.add({ name: 'end-1.0' });
    const ways = Array.from({ length: width }, (_, way) => {
      let at = end;
      for (let step = depth; step > 0; step--) at = store.add({ name: `way-${way}-${step}`, inputs: [at] });
      return at;
    });
    return store.add({ name: 'root', inputs: ways });
  };
}

/** Diamonds below each other: the number of paths doubles with each. */
function diamonds(count: number) {
  return (store: SyntheticStore): StoredDerivation => {
    let at = store.add({ name: 'end' });
    for (let index = 0; index < count; index++) {
      const sides = ['left', 'right'].map((side) => store.add({ name: `${side}-${index}`, inputs: [at] }));
      at = store.add({ name: `top-${index}`, inputs: sides });
    }
    return at;
  };
}

const idOf = (graph: DerivationGraph, name: string): number => findDerivations(graph, name)[0] ?? -1;

describe('all shortest paths', () => {
  test('they are counted, however many, and the first ones told', async () => {
    const { graph } = await judge(diamonds(80));
    const { count, paths } = allShortestPaths(graph)(idOf(graph, 'end'), 20);
    assert.equal(count, 2n ** 80n);
    assert.equal(paths.length, 20);
    assert.equal(new Set(paths.map((path) => path.join())).size, 20);
    for (const path of paths) {
      assert.equal(path.length, shortestPaths(graph)(idOf(graph, 'end')).length);
      for (const [index, id] of path.slice(1).entries())
        assert.ok(graph.inputIds(path[index] ?? -1).includes(id));
    }
  });

  test('the root has one, of itself', async () => {
    const { graph } = await judge(diamonds(1));
    assert.deepEqual(allShortestPaths(graph)(graph.root, 5), { count: 1n, paths: [[graph.root]] });
  });
});

describe('what a person names', () => {
  const named = async (wanted: string): Promise<string[]> => {
    const { graph } = await judge(ladder(2, 2));
    return findDerivations(graph, wanted)
      .map((id) => graph.derivation(id).name)
      .sort();
  };
  for (const [wanted, found] of [
    ['end-1.0', ['end-1.0']],
    ['end', ['end-1.0']],
    ['nd-1', ['end-1.0']],
    ['way-?-2', ['way-0-2', 'way-1-2']],
    ['*(', []],
    ['/no/store/path', []],
  ] as const) {
    test(wanted, async () => assert.deepEqual(await named(wanted), found));
  }

  test('paths of a .drv, of an output, and of a file in it', async () => {
    const { graph } = await judge(ladder(1, 1));
    const { drvPath, outputs, id } = graph.derivation(idOf(graph, 'end'));
    const out = outputs[0]?.path ?? '';
    for (const path of [drvPath, `${drvPath}^out`, out, `${out}/bin/end`])
      assert.deepEqual(findDerivations(graph, path), [id], path);
  });
});

describe('pictures', () => {
  test('a stretch without branches is one node', async () => {
    const { graph } = await judge(ladder(1, 50));
    const { picture, left } = drawPaths(graph, [shortestPaths(graph)(idOf(graph, 'end'))], [], 'long');
    assert.equal(left, 0);
    assert.deepEqual(
      picture.nodes.map(({ lines }) => lines[0]).sort(),
      ['end-1.0', 'root', '… 50 more …'].sort(),
    );
  });

  test('a picture has a limit, and what is left out is counted', async () => {
    const { graph } = await judge(ladder(100, 1));
    const { paths } = allShortestPaths(graph)(idOf(graph, 'end'), 100);
    const { picture, left } = drawPaths(graph, paths, [], 'wide');
    assert.equal(picture.nodes.length, 60);
    assert.equal(left, 100 - 58);
  });

  const hostile = '"]; x --> y\n<b>&amp;\\n`%%{init}%% | #quot; \u0007 end';
  const picture: Picture = {
    title: hostile,
    nodes: [
      { id: 'd0', lines: [hostile, 'x86_64-linux'], kind: 'root' },
      { id: 'd1', lines: [hostile], kind: 'wrong' },
    ],
    edges: [{ from: 'd0', to: 'd1', lines: [hostile], crosses: true }],
  };

  test('Graphviz reads hostile names as they are', async () => {
    const { objects, edges } = await layOut(picturesDot([picture, picture]));
    assert.equal(objects.length, 6, 'two boxes with two nodes each');
    assert.equal(edges?.length, 2);
  });

  test('no sign of a hostile name means something to Mermaid', () => {
    const text = picturesMermaid([picture]);
    for (const label of text.match(/"[^"]*"/g) ?? [])
      assert.match(label, /^"(?:[\w\s.,:()/…→!?+=-]|>|#\d+;|<br\/>)*"$/);
    assert.equal(text.match(/-->/g)?.length, 1, 'the edge, and nothing of a name');
  });
});
