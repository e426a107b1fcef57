import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalFiles } from '../../server/src/derivation/derivationFiles.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import type { DerivationGraph } from '../../server/src/model/derivationGraph.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

/** Which files of .drv are read. */
class WatchedFiles extends LocalFiles {
  readonly paths: string[] = [];

  override readNow(path: string): Buffer {
    this.paths.push(path);
    return super.readNow(path);
  }

  override read(path: string): Promise<Buffer> {
    this.paths.push(path);
    return super.read(path);
  }
}

/** All that a graph says of its derivations and edges, by their paths: files that come late have late ids. */
function contentOf(graph: DerivationGraph): ReadonlyMap<string, unknown> {
  const pathOf = (id: number): string => graph.derivation(id).drvPath;
  const ids = Array.from({ length: graph.size }, (_, id) => id);
  return new Map(
    ids.map((id) => [
      pathOf(id),
      {
        ...graph.derivation(id),
        id: graph.findByDrvPath(pathOf(id)) === id,
        inputs: graph.inputs(id).map((edge) => ({ ...edge, input: pathOf(edge.input) })),
        owned: graph
          .derivation(id)
          .outputs.map(({ path }) => path !== undefined && graph.findByOutputPath(path) === id),
      },
    ]),
  );
}

const text = (tool: string): string => `{ set }:
let pkgs = import set { }; in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ pkgs.${tool} ];
  buildInputs = [ pkgs.jq ];
  text = "\${pkgs.hello.drvPath} \${pkgs.jq}/bin/jq";
}`;

test('of a closure that is like a known one, only what is new is read, and the graph is the same', async () => {
  await using one = await openWorkspace({ files: { 'default.nix': text('hello') } });
  await using other = await openWorkspace({ files: { 'default.nix': text('jq') } });
  const { graph: known } = expectReport(await one.evaluator.run(one.request, one.options));
  const { graph } = expectReport(await other.evaluator.run(other.request, other.options));
  const root = graph.derivation(graph.root).drvPath;
  const [all, some] = [new WatchedFiles(), new WatchedFiles()];
  const whole = await loadClosure(root, { files: all });
  const plain = await loadClosure(known.derivation(known.root).drvPath);
  const quick = await loadClosure(root, { files: some, known: plain });
  assert.deepEqual(contentOf(quick), contentOf(whole));
  assert.deepEqual(some.paths, [root]);
  assert.equal(all.paths.length, whole.size);
  assert.ok(whole.size > 1);
});

test('of a known closure that was not read whole, nothing is taken', async () => {
  await using one = await openWorkspace({ files: { 'default.nix': text('hello') } });
  const { graph } = expectReport(await one.evaluator.run(one.request, one.options));
  const root = graph.derivation(graph.root).drvPath;
  const missing = [...graph.inputIds(graph.root)].map((id) => graph.derivation(id).drvPath).at(-1) ?? '';
  class WithoutOne extends LocalFiles {
    override readNow(path: string): Buffer {
      return super.readNow(path === missing ? '/nowhere' : path);
    }
    override read(path: string): Promise<Buffer> {
      return super.read(path === missing ? '/nowhere' : path);
    }
  }
  const known = await loadClosure(root, { files: new WithoutOne() });
  assert.equal(known.gaps.length, 1);
  const files = new WatchedFiles();
  const whole = await loadClosure(root, { files, known });
  assert.equal(files.paths.length, whole.size);
  assert.equal(whole.gaps.length, 0);
});
