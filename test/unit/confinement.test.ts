import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { requireConfined } from '../../server/src/permissions/confinement.ts';
import { environmentPaths } from '../../server/src/permissions/environmentPaths.ts';
import { targetOfSetting, targetSetting } from '../../server/src/targets/targetSetting.ts';
import { RefusedTargetError } from '../../server/src/model/evaluationError.ts';
import { testParser } from '../support/parser.ts';

let directory = '';
let root = '';

before(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'npl-confined-')));
  root = join(directory, 'workspace');
  await mkdir(join(root, 'sub'), { recursive: true });
  await mkdir(join(directory, 'elsewhere'));
  await writeFile(join(directory, 'elsewhere', 'secret.nix'), '1');
  await writeFile(join(root, 'release.nix'), '1');
  await symlink(join(directory, 'elsewhere'), join(root, 'link'));
  await symlink(join(root, 'sub'), join(root, 'inner'));
});

after(() => rm(directory, { recursive: true, force: true }));

/** What an entry of the target file names outside; `DIR` stands for the folder around the workspace. */
async function outside(entry: unknown, allowed: readonly string[] = []): Promise<readonly string[]> {
  const text = JSON.stringify(entry).replaceAll('DIR', directory);
  const target = targetOfSetting(targetSetting.parse(JSON.parse(text)), root);
  const confinement = { roots: [root], allowed };
  try {
    await requireConfined(target, { confinement, directory: root }, await testParser());
    return [];
  } catch (error) {
    if (!(error instanceof RefusedTargetError)) throw error;
    return error.errors.map(({ message, action }) =>
      action?.kind === 'allow-path' ? action.path.replace(directory, 'DIR') : message,
    );
  }
}

const file = { file: 'release.nix' };
const secret = 'DIR/elsewhere/secret.nix';

describe('paths that a target of a repository’s files may name', () => {
  for (const entry of [
    file,
    { file: '<nixpkgs/nixos>' },
    { ...file, include: ['nixpkgs=./sub', '.', 'nixpkgs=https://example.org/x.tar.gz', 'c=channel:x'] },
    { ...file, include: ['nixpkgs=flake:nixpkgs', '/nix/store/abc-source'] },
    { ...file, arg: { src: './.', pkgs: 'import <nixpkgs> { }', x: '"../../elsewhere"', n: '8 / 2' } },
    { ...file, arg: { x: 'let a = "b"; in ./sub/${a}.nix', y: '/nix/store/abc-source/x.nix' } },
    { ...file, arg: { x: './inner/x.nix', y: '"${./sub}/../x"' } },
    { flake: '.' },
    { flake: './sub' },
    { flake: 'nixpkgs/nixos-unstable', attribute: 'hello' },
    { flake: 'github:o/r' },
    { flake: 'git+https://example.org/a?dir=../..' },
    { flake: 'path:./sub' },
    { expression: 'import ./release.nix { }' },
    { nixos: 'release.nix', nixpkgs: '(import ./sub/sources.nix).nixpkgs' },
  ]) {
    test(JSON.stringify(entry), async () => assert.deepEqual(await outside(entry), []));
  }
});

describe('paths that have to be allowed', () => {
  const home = (path: string): string => join(homedir(), path);
  for (const [entry, ...paths] of [
    [{ file: secret }, secret],
    [{ file: '../elsewhere/secret.nix' }, secret],
    [{ file: 'link/secret.nix' }, secret],
    [{ file: '/etc/shadow' }, '/etc/shadow'],
    [{ file: '</../../elsewhere/secret.nix' }, secret],
    [{ ...file, arg: { x: `import ${secret}` } }, secret],
    [{ ...file, arg: { x: 'import ../elsewhere/secret.nix' } }, secret],
    [{ ...file, arg: { x: 'import ./link/secret.nix' } }, secret],
    [{ ...file, arg: { x: 'a: [ { b = with a; { c ? ../elsewhere }: c; } ]' } }, 'DIR/elsewhere'],
    [{ ...file, arg: { x: '"${../elsewhere}"' } }, 'DIR/elsewhere'],
    [{ ...file, arg: { x: '../elsewhere/${"y"}' } }, 'DIR/elsewhere'],
    [{ ...file, arg: { x: '/. + "etc"' } }, '/'],
    [{ ...file, arg: { x: '~/.ssh' } }, home('.ssh')],
    [{ ...file, include: ['a=..'], arg: { x: '<a/elsewhere>' } }, 'DIR'],
    [{ ...file, include: ['/etc'] }, '/etc'],
    [{ ...file, include: ['x=file:///etc'] }, '/etc'],
    [{ ...file, include: ['x=flake:path:/etc'] }, '/etc'],
    [{ ...file, include: ['a=.'], arg: { x: '<a/link/secret.nix>' } }, secret],
    [{ file: '<a/link/secret.nix>', include: ['a=.'] }, secret],
    [{ file: '<link/secret.nix>', include: ['.'] }, secret],
    [{ flake: '..' }, 'DIR'],
    [{ flake: 'DIR/elsewhere' }, 'DIR/elsewhere'],
    [{ flake: './link' }, 'DIR/elsewhere'],
    [{ flake: 'path:DIR/elsewhere?x=y' }, 'DIR/elsewhere'],
    [{ flake: 'path:./sub/%2e%2e/%2e%2e/elsewhere' }, 'DIR/elsewhere'],
    [{ flake: 'git+file://DIR/elsewhere' }, 'DIR/elsewhere'],
    [{ flake: 'git+file:../elsewhere' }, 'DIR/elsewhere'],
    [{ flake: 'tarball+file:///etc/x.tar.gz' }, '/etc/x.tar.gz'],
    [{ flake: 'a.b/../../elsewhere' }, 'DIR/elsewhere'],
    [{ expression: `import ${secret}` }, secret],
    [{ callPackage: 'release.nix', nixpkgs: secret }, secret],
    [{ homeManager: 'release.nix', source: secret }, secret],
    [{ nixos: 'link/secret.nix' }, secret],
  ] as const) {
    test(JSON.stringify(entry), async () => assert.deepEqual(await outside(entry), paths));
  }

  test('what is allowed is allowed with all that is in it, and nothing beside it', async () => {
    assert.deepEqual(await outside({ file: secret }, [join(directory, 'elsewhere')]), []);
    assert.deepEqual(await outside({ file: 'link/secret.nix' }, [join(directory, 'elsewhere')]), []);
    assert.deepEqual(await outside({ file: 'DIR/elsewhere2/x.nix' }, [join(directory, 'elsewhere')]), [
      'DIR/elsewhere2/x.nix',
    ]);
  });

  test('what cannot be told is not evaluated, and cannot be allowed', async () => {
    for (const entry of [
      { ...file, arg: { x: '1) (../elsewhere' } },
      { nixos: 'release.nix', nixpkgs: '{ }; evil = ../elsewhere' },
      { file: '<nixpkgs/../../elsewhere>' },
      { ...file, arg: { x: '<nixpkgs/../../elsewhere>' } },
      { ...file, arg: { x: './sub/${"y"}/../../../elsewhere' } },
    ]) {
      const [message] = await outside(entry);
      assert.match(message ?? '', /^It cannot be told which paths /);
    }
  });

  test('an option that got this far, by whatever way, is refused here', async () => {
    const [message] = await outside({ ...file, option: { 'plugin-files': './evil.so' } });
    assert.match(message ?? '', /^A repository’s files may not set the option "plugin-files"/);
  });
});

test('the person’s own environment offers the store, the channels and the entries of NIX_PATH', () => {
  const paths = environmentPaths({
    NIX_PATH:
      'nixpkgs=/home/me/nixpkgs:/srv/nix:other=https://example.org/x.tar.gz:here=./nixpkgs:y=flake:nixpkgs',
    NIX_STORE_DIR: '/other/store',
  });
  assert.deepEqual(
    paths.filter((path) => !path.includes('channels')),
    ['/other/store', '/home/me/nixpkgs', '/srv/nix'],
  );
});
