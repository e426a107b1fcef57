import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { passSystem } from '../../server/src/fixes/repairs/passSystem.ts';
import { expressionAt, parseSourceFile } from '../../server/src/syntax/sourceFile.ts';
import { testParser } from '../support/parser.ts';

const own = 'Pass the system of the `pkgs` that is in scope';

describe('the system of `pkgs` is offered only where `pkgs` is another set than the one repaired', () => {
  const cases: [text: string, offered: boolean][] = [
    ['let pkgs = «import n { }»; in pkgs.a', false],
    ['let pkgs = f («import n { }»); in pkgs.a', false],
    ['let pkgs = /* mine */ let p = «import n { }»; in p; in pkgs.a', false],
    ['let inherit («import n { }») pkgs; in pkgs.a', false],
    ['{ pkgs ? «import n { }» }: pkgs.a', false],
    ['{ pkgs ? if true then «import n { }» else 1 }: pkgs.a', false],
    ['rec { pkgs = { a = «import n { }»; }; }', false],
    ['let other = «import n { }»; in other.a', false],
    ['let pkgs = 1; in let other = «import n { }»; in other.a', true],
    ['{ pkgs, other ? «import n { }» }: other.a', true],
    ['pkgs: { pkgs = «import n { }»; }', true],
    ['{ pkgs }: let f = { pkgs = «import n { }»; }; in f', true],
  ];
  for (const [marked, offered] of cases) {
    test(marked, async () => {
      const text = marked.replace(/[«»]/g, '');
      const span = { start: marked.indexOf('«'), end: marked.indexOf('»') - 1 };
      const source = parseSourceFile('/default.nix', text, await testParser());
      const expression = expressionAt(source, span);
      assert.ok(expression);
      const titles = passSystem({
        leaks: [],
        cause: { kind: 'package-set-without-system', message: '', steps: [] },
        causePlace: { source, expression },
        expected: 'x86_64-linux',
        isCrossCompiled: false,
        isOfBuildPlatform: false,
        origins: [],
        places: [],
        buildSets: ['pkgsBuildHost'],
        rightSets: [],
      }).map(({ title }) => title);
      assert.equal(titles.includes(own), offered);
      assert.ok(titles.includes('Pass `system = "x86_64-linux"`'));
    });
  }
});
