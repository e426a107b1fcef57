import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { parseDerivation } from '../../server/src/derivation/aterm.ts';
import type { DerivationFiles } from '../../server/src/derivation/derivationFiles.ts';
import { LocalFiles } from '../../server/src/derivation/derivationFiles.ts';
import type { DerivationGraph } from '../../server/src/model/derivationGraph.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { SyntheticStore, type StoredDerivation } from '../support/syntheticStore.ts';

let store: SyntheticStore;
beforeEach(() => {
  store = new SyntheticStore();
});
afterEach(() => {
  store[Symbol.dispose]();
});

/** The edges of a derivation as `name(outputs): roles`, sorted. */
function edgesOf(graph: DerivationGraph, drvPath: string): string[] {
  const id = graph.findByDrvPath(drvPath);
  assert.ok(id !== undefined);
  return graph
    .inputs(id)
    .map(({ input, roles, outputs }) => `${graph.derivation(input).name}(${outputs.join()}): ${roles.join()}`)
    .sort();
}

function names(graph: DerivationGraph): string[] {
  return Array.from({ length: graph.size }, (_, id) => graph.derivation(id).name).sort();
}

test('edges have the roles of the variables that name their outputs', async () => {
  const bash = store.add({ name: 'bash' });
  const script = store.add({ name: 'script' });
  const stdenv = store.add({ name: 'stdenv' });
  const zlib = store.add({ name: 'zlib', outputs: ['dev', 'out'] });
  const cmake = store.add({ name: 'cmake' });
  const other = store.add({ name: 'other' });
  const root = store.add({
    name: 'root',
    builder: `${bash.out()}/bin/bash`,
    args: ['-e', script.out()],
    env: {
      stdenv: stdenv.out(),
      buildInputs: `${zlib.out('dev')} ${cmake.out()}`,
      nativeBuildInputs: cmake.out(),
      propagatedBuildInputs: zlib.out(),
      installPhase: `cp ${other.out()}/x ${cmake.out()}/y $out`,
    },
    inputs: [bash, script, stdenv, [zlib, 'dev', 'out'], cmake, other],
  });
  const graph = await loadClosure(root.drvPath);
  assert.deepEqual(edgesOf(graph, root.drvPath), [
    'bash(out): builder',
    'cmake(out): nativeBuildInputs,buildInputs',
    'other(out): reference',
    'script(out): args',
    'stdenv(out): stdenv',
    'zlib(dev,out): buildInputs,propagatedBuildInputs',
  ]);
  assert.equal(graph.size, 7);
  assert.equal(graph.edgeCount, 6);
  assert.equal(graph.derivation(graph.root).drvPath, root.drvPath);
});

test('derivations are found by what they build, and know who uses them', async () => {
  const base = store.add({ name: 'base', outputs: ['lib', 'out'] });
  const one = store.add({ name: 'one', inputs: [base] });
  const two = store.add({ name: 'two', inputs: [base, one] });
  const graph = await loadClosure(two.drvPath);
  const id = graph.findByOutputPath(base.out('lib'));
  assert.ok(id !== undefined);
  assert.equal(graph.derivation(id).name, 'base');
  const consumers = [...graph.consumerIds(id)].map((consumer) => graph.derivation(consumer).name);
  assert.deepEqual(consumers.sort(), ['one', 'two']);
  assert.equal(graph.findByOutputPath(store.describe({ name: 'absent' }).out()), undefined);
});

test('derivations that build the same output are each used as the variables say', async () => {
  const outPath = join(store.dir, `${'2'.repeat(32)}-tool`);
  const one = store.add({ name: 'one', outPath });
  const other = store.add({ name: 'other', outPath });
  const env = { nativeBuildInputs: outPath };
  const user = store.add({ name: 'user', inputs: [one], env });
  const root = store.add({ name: 'root', inputs: [other, user], env });
  const graph = await loadClosure(root.drvPath);
  assert.deepEqual(edgesOf(graph, user.drvPath), ['one(out): nativeBuildInputs']);
  assert.deepEqual(edgesOf(graph, root.drvPath), ['other(out): nativeBuildInputs', 'user(out): reference']);
});

test('an output that is known only after the build is found by its placeholder', async () => {
  const floating = store.add({ name: 'floating', floating: true, outputHash: ['r:sha256', ''] });
  const alone = await loadClosure(floating.drvPath);
  // The placeholder of this file's path, as the builder of the graph makes it; Nix's own are in derivationStorePath.
  const { outputPlaceholder } = await import('../../server/src/derivation/closureBuilder.ts');
  const placeholder = `/${outputPlaceholder(floating.drvPath, 'out')}`;
  assert.equal(alone.findByOutputPath(placeholder), alone.root);
  const root = store.add({ name: 'root', env: { nativeBuildInputs: placeholder }, inputs: [floating] });
  assert.deepEqual(edgesOf(await loadClosure(root.drvPath), root.drvPath), [
    'floating(out): nativeBuildInputs',
  ]);
});

test('derivations that cannot be read are gaps, and the rest is read', async () => {
  const below = store.add({ name: 'below' });
  const good = store.add({ name: 'good', inputs: [below] });
  const missing = store.add({ name: 'missing' });
  const broken = store.add({ name: 'broken' });
  rmSync(missing.drvPath);
  writeFileSync(broken.drvPath, 'Derive([("out"]');
  const outside: StoredDerivation = { drvPath: '/etc/passwd.drv', out: () => '' };
  const root = store.add({
    name: 'root',
    env: { buildInputs: `${missing.out()} ${good.out()} ${broken.out()}` },
    inputs: [missing, good, broken, outside],
  });
  const graph = await loadClosure(root.drvPath);
  assert.deepEqual(names(graph), ['below', 'good', 'root']);
  assert.deepEqual(edgesOf(graph, root.drvPath), ['good(out): buildInputs']);
  assert.deepEqual(
    graph.gaps.map(({ drvPath }) => drvPath),
    [missing.drvPath, broken.drvPath, outside.drvPath],
  );
  assert.match(graph.gaps[0]?.message ?? '', /expected a readable \.drv file, found ENOENT/);
  assert.match(graph.gaps[1]?.message ?? '', /broken\.drv: byte 14: expected `,`, found "\]"/);
  assert.match(graph.gaps[2]?.message ?? '', /expected the path of a \.drv file in /);
});

test('a pipe in the place of a derivation keeps nobody waiting', async () => {
  const pipe = store.add({ name: 'pipe' });
  rmSync(pipe.drvPath);
  execFileSync('mkfifo', [pipe.drvPath]);
  const graph = await loadClosure(store.add({ name: 'root', inputs: [pipe] }).drvPath);
  assert.deepEqual(names(graph), ['root']);
  assert.match(graph.gaps[0]?.message ?? '', /found EINVAL: no regular file/);
  await assert.rejects(new LocalFiles().read(pipe.drvPath), /no regular file/);
});

test('a root that cannot be read is an error', async () => {
  const { drvPath } = store.describe({ name: 'absent' });
  await assert.rejects(loadClosure(drvPath), /absent\.drv: expected a readable \.drv file/);
});

test('what is no readable file is asked of the fallback, once each', async () => {
  const remote = store.describe({ name: 'remote', inputs: [store.add({ name: 'local' })] });
  const lost = store.describe({ name: 'lost' });
  const root = store.add({ name: 'root', inputs: [remote, lost] });
  const asked: string[] = [];
  const graph = await loadClosure(root.drvPath, {
    fallback: (drvPath) => {
      asked.push(drvPath);
      if (drvPath === lost.drvPath) return Promise.reject(new Error('no such derivation'));
      return Promise.resolve(parseDerivation(Buffer.from(remote.text), drvPath));
    },
  });
  assert.deepEqual(names(graph), ['local', 'remote', 'root']);
  assert.deepEqual(asked.sort(), [lost.drvPath, remote.drvPath].sort());
  assert.match(
    graph.gaps[0]?.message ?? '',
    /lost\.drv: expected a \.drv file or its JSON, .*no such derivation/,
  );
});

test('an aborted load rejects with the reason', async () => {
  const root = store.add({ name: 'root' });
  const reason = new Error('superseded');
  await assert.rejects(loadClosure(root.drvPath, { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const loading = loadClosure(root.drvPath, {
    signal: controller.signal,
    files: wrap((path) => {
      controller.abort(reason);
      return local.readNow(path);
    }),
  });
  await assert.rejects(loading, reason);
});

const local = new LocalFiles();

function wrap(readNow: (path: string) => Buffer, read = (path: string) => local.read(path)): DerivationFiles {
  return { readNow, read };
}

function wait(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** A root with many inputs. */
function addWide(count: number): StoredDerivation {
  const inputs = Array.from({ length: count }, (_, index) => store.add({ name: `input-${index}` }));
  return store.add({ name: 'wide', inputs });
}

test('each file is read once and others get their turn', async () => {
  const root = addWide(1_000);
  const reads: string[] = [];
  let turns = 0;
  let loading = true;
  const takeTurns = (): void => {
    turns++;
    if (loading) setImmediate(takeTurns);
  };
  setImmediate(takeTurns);
  const graph = await loadClosure(root.drvPath, {
    files: wrap((path) => {
      reads.push(path);
      wait(0.1);
      return local.readNow(path);
    }),
  });
  loading = false;
  assert.equal(graph.size, 1_001);
  assert.equal(new Set(reads).size, reads.length);
  // 100 ms of waiting, at most about 10 ms at a stretch.
  assert.ok(turns >= 8, `${turns} turns`);
});

test('where reading waits for a disk, files are read concurrently', async () => {
  const root = addWide(300);
  let now = 0;
  let underWay = 0;
  let most = 0;
  const graph = await loadClosure(root.drvPath, {
    files: wrap(
      (path) => {
        now++;
        wait(1);
        return local.readNow(path);
      },
      async (path) => {
        most = Math.max(most, ++underWay);
        const bytes = await local.read(path);
        underWay--;
        return bytes;
      },
    ),
  });
  assert.equal(graph.size, 301);
  assert.ok(now < 20, `${now} files were read synchronously`);
  assert.ok(most > 10, `${most} files were read at once`);
});

test('a file larger than the buffer is read whole', async () => {
  const zlib = store.add({ name: 'zlib' });
  const root = store.add({
    name: 'root',
    env: { aText: 'x"'.repeat(400_000), buildInputs: zlib.out() },
    inputs: [zlib],
  });
  assert.deepEqual(edgesOf(await loadClosure(root.drvPath), root.drvPath), ['zlib(out): buildInputs']);
});

test('derivations that use each other, which Nix never writes, do not hang the loader', async () => {
  const one = store.describe({ name: 'one' });
  const two = store.add({ name: 'two', inputs: [one] });
  store.add({ name: 'one', inputs: [two] });
  assert.deepEqual(names(await loadClosure(two.drvPath)), ['one', 'two']);
});
