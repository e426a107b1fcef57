import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as z from 'zod';

import { settingOfTarget } from '../../server/src/targets/settingOfTarget.ts';
import { parseTargetFile } from '../../server/src/targets/targetFile.ts';
import { targetFileJsonSchema } from '../../server/src/targets/targetFileJsonSchema.ts';
import { targetOfSetting } from '../../server/src/targets/targetSetting.ts';

const repository = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

/** Each problem as `line:column message`, counted from one. */
function problemsOf(text: string): string[] {
  return parseTargetFile('/w/.nix-platform-lens.json', text).problems.map(
    ({ message, source: { range } }) => `${range.start.line + 1}:${range.start.character + 1} ${message}`,
  );
}

describe('the target file', () => {
  test('targets have their own systems, else those of the whole file; comments and trailing commas are allowed', () => {
    const { targets, problems } = parseTargetFile(
      '/w/.nix-platform-lens.json',
      `{
        // for the servers
        "targets": [
          { "file": "release.nix", "attribute": "a" },
          { "nixops": "network.nix", "machine": "web", "evaluateAs": ["aarch64-darwin"] },
        ],
        "evaluateAs": ["x86_64-linux", "x86_64-darwin"],
      }`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      targets.map(({ setting, evaluateAs, source }) => [
        targetOfSetting(setting, '/w').kind,
        evaluateAs,
        source.range.start.line,
      ]),
      [
        ['file', ['x86_64-linux', 'x86_64-darwin'], 3],
        ['composed', ['aarch64-darwin'], 4],
      ],
    );
  });

  for (const entry of [
    { file: 'release.nix', attribute: 'a.b', arg: { x: '1' }, argstr: { y: 'z' } },
    { file: '<nixpkgs/nixos>', include: ['nixpkgs=./n'], option: { 'max-call-depth': '5000' } },
    { file: '/elsewhere/default.nix' },
    { flake: '.', attribute: 'packages.x86_64-linux.tool' },
    { flake: './sub' },
    { flake: 'github:o/r' },
    { expression: 'import ./release.nix { }', attribute: 'a' },
    { nixops: 'network.nix', machine: 'web', nixpkgs: '<other>' },
    { homeManager: 'home.nix', source: '<hm>' },
    { callPackage: 'pkgs/tool.nix' },
  ]) {
    test(`a target is written as it is read: ${JSON.stringify(entry)}`, () => {
      const text = JSON.stringify({ targets: [entry] });
      const [read] = parseTargetFile('/w/.nix-platform-lens.json', text).targets;
      assert.ok(read);
      assert.deepEqual(settingOfTarget(targetOfSetting(read.setting, '/w'), '/w'), entry);
    });
  }

  for (const [name, text, says] of [
    ['no JSON', '{\n "targets": [,] }', /^2:14 This is no JSON: value expected/],
    ['an empty file', '', /^1:1 This is no JSON/],
    ['no targets', '{}', /^1:1 targets: /],
    ['an unknown key', '{\n  "targets": [],\n  "target": []\n}', /^3:3 .*"target"/],
    [
      'an unknown key of a target',
      '{"targets": [\n {"file": "a", "attr": "b"}]}',
      /^2:16 targets\[0\]: .*"attr"/,
    ],
    ['two kinds', '{"targets": [\n {"file": "a", "flake": "."}]}', /^2:2 targets\[0\]: .*file and flake/],
    ['no kind', '{"targets": [\n {"attribute": "b"}]}', /^2:2 targets\[0\]: .*none/],
    ['a network without a machine', '{"targets": [{"nixops": "n.nix"}]}', /needs a `machine`/],
    [
      'a wrong type',
      '{"targets": [{"file": "a",\n"arg": {"x": 1}}]}',
      /^2:14 targets\[0\]\.arg\.x: .*string/,
    ],
    [
      'no such rule',
      '{"rules": {"host-platfrom":\n "off"}}',
      /^2:2 rules\.host-platfrom: there is no such rule/,
    ],
    ['no such level', '{"rules": {"host-platform":\n "loud"}}', /^2:2 rules\.host-platform: .*"off"/],
    ['no system', '{"targets": [],\n"evaluateAs": ["mac"]}', /^2:16 evaluateAs\[0\]: not a system/],
  ] as const) {
    test(`${name} is told at its place, and then no target is offered`, () => {
      const problems = problemsOf(text);
      assert.match(problems[0] ?? '', says);
      assert.deepEqual(parseTargetFile('/w/x.json', text).targets, []);
    });
  }

  test('rules may stand alone, and one with a problem sets none', () => {
    const read = (text: string) => parseTargetFile('/w/x.json', text);
    const { rules, targets, problems } = read(
      '{ "rules": { "build-script": "error", "no-builder": "off" } }',
    );
    assert.deepEqual(rules, { 'build-script': 'error', 'no-builder': 'off' });
    assert.deepEqual([targets, problems], [[], []]);
    assert.deepEqual(read('{ "rules": { "no-builder": "off", "x": "off" } }').rules, {});
  });

  test('its JSON Schema is the one that is committed: npm run schema', () => {
    assert.deepEqual(
      JSON.parse(read('syntaxes/target-file.schema.json')),
      JSON.parse(targetFileJsonSchema()),
    );
  });

  test('the setting offers the same keys', () => {
    const keys = z.object({ properties: z.record(z.string(), z.unknown()) });
    const item = z.object({ properties: z.object({ targets: z.object({ items: keys }) }) });
    const inFile = item.parse(JSON.parse(targetFileJsonSchema())).properties.targets.items;
    const manifest = z
      .object({
        contributes: z.object({
          configuration: z.object({
            properties: z.object({ 'nixPlatformLens.targets': z.object({ items: keys }) }),
          }),
        }),
      })
      .parse(JSON.parse(read('package.json')));
    const inSetting = manifest.contributes.configuration.properties['nixPlatformLens.targets'].items;
    assert.deepEqual(Object.keys(inSetting.properties), Object.keys(inFile.properties));
  });
});

describe('a target file that is made to be a burden', () => {
  // Such as would be too many arguments of one call.
  const many = 200_000;

  test('a very long list of nothing wrong is read', () => {
    const text = `{ "rules": {}, "targets": [{ "file": "a.nix", "include": [${'"x=./x",'.repeat(many)}] }] }`;
    assert.deepEqual(problemsOf(text), []);
  });

  for (const [what, text, first] of [
    ['elements', `{ "targets": [${'1,'.repeat(many)}] }`, /^1:15 targets\[0\]: /],
    ['repeated keys', `{ ${'"targets": [],'.repeat(many)} }`, /the key "targets" is there twice/],
    ['places that are no JSON', `{ "targets": [${'1 '.repeat(many)}] }`, /This is no JSON/],
  ] as const) {
    test(`of very many bad ${what} the first are told, and that there are more`, () => {
      const problems = problemsOf(text);
      assert.equal(problems.length, 20);
      assert.match(problems[0] ?? '', first);
      assert.match(problems[19] ?? '', /\d+ more problems follow: correct those that are told/);
    });
  }

  test('as many as are told are told without more', () => {
    const problems = problemsOf(`{ "targets": [${'1,'.repeat(20)}] }`);
    assert.equal(problems.length, 20);
    assert.match(problems[19] ?? '', /^1:53 targets\[19\]: /);
  });
});
