import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lazyNixEnvironment } from '../../server/src/nix/nixEnvironment.ts';
import { findTargets } from '../../server/src/targets/search/findTargets.ts';
import { testParser } from '../support/parser.ts';
import { openWorkspace } from '../support/workspace.ts';

const app = 'derivation { name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; }';

describe('targets of a file', () => {
  const cases: [name: string, text: string, attributes: string[]][] = [
    ['its derivations', `{ good = ${app}; deep.er = ${app}; text = "x"; }`, ['deep.er', 'good']],
    ['its own value', app, ['']],
    ['without what throws', `{ good = ${app}; bad = throw "no"; }`, ['good']],
    [
      'from the text, where one fails in a way that cannot be caught',
      `{ x ? 1 }: { good = ${app}; bad = 1 + { }; text = "x"; f = a: a; deep = { er = ${app}; a.b.c = ${app}; }; }`,
      ['good', 'bad', 'deep.er'],
    ],
    ['none of a function that wants arguments', `{ config, pkgs }: { good = ${app}; }`, []],
    ['none of a file that fails as a whole', `assert 1 + { }; { good = ${app}; }`, []],
  ];
  for (const [name, text, attributes] of cases) {
    test(name, async () => {
      await using workspace = await openWorkspace({ files: { 'default.nix': text } });
      const { signal, limits } = workspace.options;
      const environment = await lazyNixEnvironment({ parser: testParser })();
      const found = await findTargets(workspace.root, environment, { signal, limits });
      assert.deepEqual(
        found.map(({ target }) => target.kind === 'file' && target.attribute),
        attributes,
      );
    });
  }
});

describe('why a file has no targets is told', () => {
  const cases: [name: string, file: string, text: string, problem: RegExp][] = [
    [
      'an argument that the settings can give',
      'default.nix',
      `{ src }: { good = ${app}; }`,
      /^default\.nix: .*required argument 'src'.* Pass `src` in the setting nixPlatformLens\.targets: `\[\{"file":"default\.nix","arg":\{"src":"…"\}\}\]`\.$/,
    ],
    [
      'a name that is not on the search path',
      'default.nix',
      'import <no-such-machine/x>',
      /^default\.nix: .*'no-such-machine\/x' was not found in the Nix search path.* Add an include in \.nix-platform-lens\.json: `\{"targets":\[\{"file":"default\.nix","include":\["no-such-machine=PATH"\]\}\]\}`\.$/,
    ],
    ['an error', 'default.nix', `assert 1 + { }; { good = ${app}; }`, /^default\.nix: .*set.*\.$/],
    [
      'a flake without its lock file',
      'flake.nix',
      `{ inputs.other.url = "path:./other"; outputs = { self, other }: { packages.x86_64-linux.app = ${app}; }; }`,
      /^flake\.nix: flake\.lock is missing or out of date: run `nix flake lock`\.$/,
    ],
  ];
  for (const [name, file, text, problem] of cases) {
    test(name, async () => {
      const other = { 'other/flake.nix': '{ outputs = { self }: { }; }' };
      await using workspace = await openWorkspace({ files: { [file]: text, ...other } });
      const { signal, limits } = workspace.options;
      const environment = await lazyNixEnvironment({ parser: testParser })();
      const problems: string[] = [];
      const onProblem = (told: string): void => void problems.push(told);
      assert.deepEqual(await findTargets(workspace.root, environment, { signal, limits, onProblem }), []);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', problem);
    });
  }
});
