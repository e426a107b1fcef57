import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EvaluationError } from '../../server/src/model/evaluationError.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { openWorkspace } from '../support/workspace.ts';

const url = 'http://127.0.0.1:1/packages.tar.gz';

/** Its error stands where the packages are imported: of old versions of Nix, nothing names the argument. */
const file = `{ name ? "tool"
, packages ? builtins.fetchTarball "${url}"
, other ? builtins.fetchTarball "http://127.0.0.1:1/other.tar.gz"
}:
let
  set = import (packages + "/lib.nix");
in
set.\${name}
`;

async function errorOf(
  text: string,
  nixDirectory: string,
  more: { fetch?: boolean; other?: string; arguments?: readonly (readonly [string, string])[] } = {},
): Promise<EvaluationError> {
  const files = { 'default.nix': text, 'other.nix': more.other ?? '{ }' };
  const workspace = { files, arguments: more.arguments ?? [] };
  await using open = await openWorkspace(workspace, { nixDirectory });
  const outcome = more.fetch
    ? { kind: 'failed' as const, errors: await open.evaluator.fetch(open.request, open.options) }
    : await open.evaluator.run(open.request, open.options);
  assert.ok(outcome.kind === 'failed');
  const [error] = outcome.errors;
  assert.ok(error);
  return error;
}

for (const { version, directory } of nixVersions()) {
  describe(`the default of an argument that cannot be fetched (Nix ${version})`, () => {
    test('is named, at its own place, with what to do', async () => {
      const error = await errorOf(file, directory);
      assert.equal(error.argument?.name, 'packages');
      assert.equal(error.source?.range.start.line, 1);
      assert.match(error.message, /^The default of the argument `packages` needs http:\S+ from the network/);
      assert.match(
        error.advice ?? '',
        /^Give `packages` another value: `--arg packages PATH`.* Or: Fetch it/,
      );
      assert.deepEqual(error.action, { kind: 'fetch' });
    });

    test('is named where a part of its URL is put in', async () => {
      const text = `{ rev ? "abc", a ? builtins.fetchTarball "http://127.0.0.1:1/p/\${rev}.tar.gz", b ? builtins.fetchTarball "http://127.0.0.1:1/b/\${rev}.tar.gz" }: import b`;
      assert.equal((await errorOf(text, directory)).argument?.name, 'b');
    });

    test('is not blamed where another value was given', async () => {
      const given = [['packages', `builtins.fetchTarball "${url}"`]] as const;
      const error = await errorOf(file, directory, { arguments: given });
      assert.equal(error.argument, undefined);
      assert.match(error.message, /^This needs http:/);
    });

    test('is not blamed for what the body of the file fetches', async () => {
      const error = await errorOf(`{ x ? 1 }: import (builtins.fetchTarball "${url}")`, directory);
      assert.equal(error.argument, undefined);
    });

    test('is not blamed for what the body fetches from the same place', async () => {
      const text = `{ x ? builtins.fetchTarball "${url}" }: let x = builtins.fetchTarball "${url}"; in import x`;
      assert.equal((await errorOf(text, directory)).argument, undefined);
    });

    test('is not blamed for what stands at the same place of another file', async () => {
      const text = `{ unused ? "${'x'.repeat(100)}" }: import ./other.nix`;
      const other = `    import (builtins.fetchTarball "${url}")`.padStart(80);
      assert.equal((await errorOf(text, directory, { other })).argument, undefined);
    });

    test('is named where another default is made of it', async () => {
      const text = `{ source ? builtins.fetchTarball "${url}", pkgs ? import source }: pkgs`;
      assert.deepEqual((await errorOf(text, directory)).argument, { name: 'source', value: 'PATH' });
    });

    test('takes an expression where it is made of what is fetched', async () => {
      const error = await errorOf(`{ pkgs ? import (builtins.fetchTarball "${url}") }: pkgs`, directory);
      assert.deepEqual(error.argument, { name: 'pkgs', value: 'EXPRESSION' });
      assert.match(error.advice ?? '', /`--arg pkgs EXPRESSION`/);
    });
  });
}

test('a default that could not be fetched although that was allowed is named, too', async () => {
  const [{ directory } = { directory: '' }] = nixVersions();
  const text = `{ source ? builtins.fetchGit { url = "http://127.0.0.1:1/source"; } }: import source`;
  const error = await errorOf(text, directory, { fetch: true });
  assert.equal(error.argument?.name, 'source');
  assert.match(error.message, /^The default of the argument `source` could not be fetched: /);
});
