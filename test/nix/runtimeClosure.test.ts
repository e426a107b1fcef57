import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { NixFailure } from '../../server/src/nix/failure.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import { findAbsent, findDerivers, readRuntimeClosure } from '../../server/src/nix/runtimeClosure.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { RealisedStore } from '../support/realisedStore.ts';

const store = new RealisedStore(`
  leaf = make "leaf" { build = "echo leaf > $out"; };
  middle = make "middle" { build = "echo \${leaf} $out > $out"; };
  root = make "root" { outputs = [ "out" "dev" ]; build = "echo \${middle} > $out; echo $out > $dev"; };
  never = make "never" { build = "exit 1"; };
`);
after(() => store[Symbol.dispose]());

const [out = '', dev = ''] = store.build('root');
const [middle = ''] = store.build('middle');
const [leaf = ''] = store.build('leaf');
const drvPath = store.run('nix-instantiate', [store.file, '-A', 'root']).replace(/!.*/, '');
const source = store.run('nix-store', ['--add', store.file]);
const nowhere = '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-nowhere';

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, () => {
    test('the runtime closure, with what refers to what', async () => {
      const nix = await findNix({ directory });
      const { paths, references } = await readRuntimeClosure(nix, [out, dev]);
      assert.deepEqual(new Set(paths), new Set([leaf, middle, out, dev]));
      assert.ok(paths.indexOf(leaf) < paths.indexOf(middle));
      assert.deepEqual(
        references,
        new Map([
          [middle, [leaf]],
          [out, [middle]],
          [dev, [out]],
        ]),
      );
    });

    test('what is not there is told apart, and not looked for elsewhere', async () => {
      const nix = await findNix({ directory });
      assert.deepEqual(await findAbsent(nix, [out, nowhere, leaf]), new Set([nowhere]));
      await assert.rejects(findAbsent(nix, ['/etc']), /not in the Nix store/);
      await assert.rejects(
        readRuntimeClosure(nix, [nowhere]),
        (error) => error instanceof NixFailure && error.message.includes('is not valid'),
      );
    });

    test('derivers, where there are any', async () => {
      const nix = await findNix({ directory });
      const many = [source, ...Array.from({ length: 1200 }, () => leaf), dev];
      const derivers = await findDerivers(nix, many);
      assert.deepEqual(new Set(derivers.keys()), new Set([leaf, dev]));
      assert.equal(derivers.get(dev), drvPath);
    });

    test('a question that is aborted', async () => {
      const nix = await findNix({ directory });
      const signal = AbortSignal.abort();
      await assert.rejects(findAbsent(nix, [out], { signal }), { reason: 'aborted' });
    });
  });
}
