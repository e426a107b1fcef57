import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosureRows } from '../../client/src/closure/treeRows.ts';
import type { ClosureSource } from '../../client/src/closure/treeRows.ts';
import type { ClosureNode } from '../../server/src/protocol.ts';

/** Answers pages of one row each; the requests of these numbers, from 0, fail. */
function source(total: number, ...failing: number[]): ClosureSource {
  let asked = 0;
  return {
    children: ({ offset }) => {
      if (failing.includes(asked++)) return Promise.reject(new Error('the server is starting'));
      const node: ClosureNode = {
        key: `row ${offset}`,
        kind: 'derivation',
        label: `row ${offset}`,
        description: '',
        tooltip: '',
        state: 'matching',
        expandable: false,
      };
      return Promise.resolve({ nodes: [node], total, current: true });
    },
    path: () => Promise.resolve({ nodes: [] }),
  };
}

const labels = async (rows: ClosureRows): Promise<string[]> =>
  (await rows.children(undefined)).map((row) => (row.kind === 'more' ? `${row.left} more` : row.node.label));

test('a first page that could not be loaded is asked for again', async () => {
  const rows = new ClosureRows(source(1, 0), 1);
  await assert.rejects(rows.children(undefined), /is starting/);
  assert.deepEqual(await labels(rows), ['row 0']);
});

test('where a further page could not be loaded, the rows before it stay', async () => {
  const rows = new ClosureRows(source(3, 1), 1);
  assert.deepEqual(await labels(rows), ['row 0', '2 more']);
  await assert.rejects(rows.loadMore(undefined), /is starting/);
  assert.deepEqual(await labels(rows), ['row 0', '2 more']);
  await rows.loadMore(undefined);
  assert.deepEqual(await labels(rows), ['row 0', 'row 1', '1 more']);
});
