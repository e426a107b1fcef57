import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { jsonMatches, jsonWhy } from '../../server/src/output/jsonSchemas.ts';
import { runCommand } from '../support/command.ts';
import { layOut } from '../support/graphviz.ts';

const example = join(import.meta.dirname, '..', '..', 'example');
const target = ['-f', 'release.nix', '-A', 'build.x86_64-linux', '--as', 'x86_64-darwin'];
const why = (...args: string[]) => runCommand(['why', ...target, ...args], example);

describe('why', () => {
  /** What is told of `nix-perl` as JSON; asked for once. */
  let told: string;
  before(async () => {
    told = (await why('nix-perl', '--format', 'json')).stdout;
  });

  test('a name is told with roles, platforms and the crossing edge', async () => {
    const { exitCode, stdout } = await why('nix-perl');
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /^nix-perl-2\.18\.2 \(x86_64-darwin\) in build-farm-1\.0, .*: one shortest path leads to it$/m,
    );
    assert.match(stdout, /named at release\.nix:25:11 +nix\.perl-bindings/);
    assert.match(
      stdout,
      /└─ buildInputs → build-farm-perl-deps \(x86_64-linux\)\n +└─ reference → nix-perl-2\.18\.2 .*✗ plain-reference: needs x86_64-linux, runs on x86_64-darwin/,
    );
  });

  test('a .drv, an output and a file in it mean the same', async () => {
    const { input, paths } = jsonWhy.parse(JSON.parse(told));
    assert.equal(paths[0]?.at(-1)?.crossing?.severity, 'error');
    const byDrv = await why(input.drvPath, '--format', 'json');
    assert.deepEqual(JSON.parse(byDrv.stdout), JSON.parse(told));
    const shown = await runCommand(['check', ...target, '--format', 'json', '--no-fixes'], example);
    assert.ok(shown.stdout.includes(input.drvPath));
  });

  test('several matches are listed, each with its .drv', async () => {
    const { exitCode, stdout } = await why('perl-5*');
    assert.equal(exitCode, 0);
    assert.match(stdout, /^2 derivations .* match perl-5\*/);
    assert.match(stdout, /perl-5\.38\.2 \(x86_64-linux\) +\/nix\/store\/\w+-perl-5\.38\.2\.drv/);
    const json = await why('perl-5*', '--format', 'json');
    assert.equal(jsonMatches.parse(JSON.parse(json.stdout)).matches.length, 2);
  });

  test('the paths are drawn', async () => {
    const { stdout } = await why('perl-5*', '--format', 'dot');
    const { objects, edges = [] } = await layOut(stdout);
    assert.equal(objects.filter(({ label }) => label?.startsWith('perl-5') === true).length, 2);
    assert.ok(edges.some(({ color }) => color === '#cf222e'));
    assert.match((await why('nix-perl', '--format', 'mermaid')).stdout, /^flowchart LR\n/);
  });

  test('status 1 where it is not in the closure, 2 where nothing could be evaluated', async () => {
    const none = await why('nowhere');
    assert.equal(none.exitCode, 1);
    assert.match(none.stderr, /nothing in the closure of build-farm-1\.0 is nowhere/);
    const failed = await runCommand(['why', '-f', 'release.nix', '-A', 'nope', 'nix'], example);
    assert.equal(failed.exitCode, 2);
    const words = await runCommand(['why', 'a', 'b', 'c'], example);
    assert.equal(words.exitCode, 2);
  });

  test('an installable is named before the input', async () => {
    const { root } = jsonWhy.parse(JSON.parse(told));
    const { exitCode, stdout: text } = await runCommand(['why', root.drvPath, 'nix-perl'], example);
    assert.equal(exitCode, 0);
    assert.match(text, /one shortest path/);
  });
});
