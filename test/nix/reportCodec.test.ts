import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';

import type { Report } from '../../server/src/model/report.ts';
import { decodeReport, encodeReport, UnreadableReportError } from '../../server/src/storage/reportCodec.ts';
import { readReport, storeReport } from '../../server/src/storage/reports.ts';
import { evaluateWorkspace } from '../support/workspace.ts';

const text = `{ set, tools ? [ "vim" ] }:
let
  pkgs = import set { };
  linux = import set { system = "x86_64-linux"; };
in
linux.stdenv.mkDerivation {
  name = "root";
  outputs = [ "out" "dev" ];
  requiredSystemFeatures = [ "kvm" ];
  nativeBuildInputs = with pkgs; [ vim ];
  buildInputs = map (name: linux.\${name}) tools;
}
`;

/** A report of real Nix that has leaks with causes, package sets and several outputs. */
const evaluated: Promise<Report> = evaluateWorkspace(
  { files: { 'default.nix': text } },
  { as: 'x86_64-darwin' },
);

const madeAt = new Date('2026-01-02T03:04:05.678Z');

test('a report that is written and read is the same', async () => {
  const report = await evaluated;
  assert.ok(report.leaks.some(({ reason, origins }) => reason && origins.length > 0));
  assert.ok(report.observations.some(({ packageSet }) => packageSet));
  const kept = await decodeReport(await encodeReport({ key: 'key', madeAt, report }));
  assert.equal(kept.key, 'key');
  assert.deepEqual(kept.madeAt, madeAt);
  const { graph, ...rest } = report;
  const { graph: readGraph, ...readRest } = kept.report;
  assert.deepEqual(readRest, rest);
  assert.deepEqual(
    [readGraph.root, readGraph.size, readGraph.edgeCount, readGraph.gaps],
    [graph.root, graph.size, graph.edgeCount, graph.gaps],
  );
  for (let id = 0; id < graph.size; id++) {
    const derivation = graph.derivation(id);
    assert.deepEqual(readGraph.derivation(id), derivation);
    assert.deepEqual(readGraph.inputs(id), graph.inputs(id));
    assert.deepEqual(readGraph.consumerIds(id), graph.consumerIds(id));
    assert.equal(readGraph.findByDrvPath(derivation.drvPath), id);
    for (const { path } of derivation.outputs)
      assert.ok(path !== undefined && readGraph.findByOutputPath(path) === id);
  }
});

test('what is no report is told as such', async () => {
  const bytes = await encodeReport({ key: 'key', madeAt, report: await evaluated });
  const lines = gunzipSync(bytes)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
  const packed = (changed: readonly object[]): Buffer =>
    gzipSync(changed.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const [head, ...rest] = lines;
  /** With another line of a kind. */
  const withLine = (kind: string, change: (line: Record<string, unknown>) => object): Buffer => {
    assert.ok(lines.some((line) => line['kind'] === kind));
    return packed(lines.map((line) => (line['kind'] === kind ? change(line) : line)));
  };
  assert.deepEqual(gunzipSync(packed(lines)), gunzipSync(bytes));
  const cases: [what: string, bytes: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['no line', gzipSync('')],
    ['text', Buffer.from('{}')],
    ['half of it', bytes.subarray(0, bytes.length / 2)],
    ['another byte', Buffer.from(bytes.map((byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte)))],
    ['another version', packed([{ ...head, version: 0 }, ...rest])],
    ['the version that was one line', packed([{ ...head, version: 4 }, ...rest])],
    ['no first line', packed(rest)],
    ['half of a line', gzipSync(gunzipSync(bytes).subarray(0, -10))],
    ['a line of another kind', packed([...lines, { kind: 'more', elements: [] }])],
    ['a graph without what its columns point into', packed(lines.filter(({ kind }) => kind !== 'tables'))],
    ['fewer derivations than its edges lead to', packed(lines.filter(({ kind }) => kind !== 'derivations'))],
    ['a leak of a cause that is not there', withLine('causes', (line) => ({ ...line, elements: [] }))],
    [
      'an observation of a derivation that is not there',
      withLine('observations', (line) => ({
        ...line,
        elements: [{ ...first(line['elements']), derivations: [99_999] }],
      })),
    ],
    [
      'a graph with fewer edges than it says',
      withLine('derivations', (line) => ({ ...line, part: { ...first([line['part']]), roles: [] } })),
    ],
  ];
  for (const [what, damaged] of cases)
    await assert.rejects(decodeReport(damaged), UnreadableReportError, what);
});

function first(list: unknown): object {
  const [element] = z.array(z.looseObject({})).parse(list);
  assert.ok(element);
  return element;
}

test('at most twenty reports are kept, the newest ones', async () => {
  const report = await evaluated;
  const directory = await mkdtemp(join(tmpdir(), 'npl-reports-'));
  try {
    const folder = join(directory, 'reports');
    await mkdir(folder);
    // The drafts of a server that was killed long ago, and of one that writes just now.
    const [old, young] = [join(folder, 'a.report.old'), join(folder, 'a.report.young')];
    await writeFile(old, '');
    await utimes(old, madeAt, madeAt);
    await writeFile(young, '');
    for (let number = 0; number < 22; number++)
      await storeReport(directory, { key: `key ${number}`, madeAt, report });
    const names = await readdir(folder);
    assert.equal(names.filter((name) => name.endsWith('.report')).length, 20);
    assert.deepEqual(
      names.filter((name) => !name.endsWith('.report')),
      ['a.report.young'],
    );
    assert.equal(await readReport(directory, 'key 0'), undefined);
    assert.equal((await readReport(directory, 'key 21'))?.key, 'key 21');
  } finally {
    await rm(directory, { recursive: true });
  }
});
