import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { findNix, isAtLeast, NixUnavailableError } from '../../server/src/nix/installation.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

/** A folder whose nix-instantiate is a script. */
function folderWith(script: string): NixFolder {
  const folder = new NixFolder({});
  folder.write('bin/nix-instantiate', `#!/bin/sh\n${script}\n`, 0o755);
  return folder;
}

for (const { version, directory } of nixVersions()) {
  test(`Nix ${version} is found in the folder of the setting`, async () => {
    const nix = await findNix({ directory });
    assert.equal(nix.version, version);
    assert.equal(nix.commands.nix, `${directory}/nix`);
    assert.equal(nix.commands.nixStore, `${directory}/nix-store`);
  });
}

test('without a setting the PATH is searched', async () => {
  const [{ version } = { version: '' }] = nixVersions();
  assert.equal((await findNix()).version, version);
  assert.equal((await findNix({ directory: '' })).version, version);
});

test('the setting may name the folder above bin', async () => {
  using folder = folderWith('echo "nix-instantiate (Lix, like Nix) 2.91.1"');
  const nix = await findNix({ directory: folder.path });
  assert.equal(nix.version, '2.91.1');
  assert.equal(dirname(nix.commands.nixInstantiate ?? ''), folder.file('bin'));
  assert.equal(nix.commands.nix, undefined);
});

test('a folder without Nix, a Nix too old and a broken one are told with what to do', async () => {
  const unavailable = (directory: string, message: RegExp) =>
    assert.rejects(findNix({ directory }), (error: unknown) => {
      assert.ok(error instanceof NixUnavailableError);
      assert.match(error.message, message);
      assert.match(error.message, /nixPlatformLens\.nix\.directory/);
      return true;
    });
  using empty = new NixFolder({});
  await unavailable(empty.path, /There is no nix-instantiate in/);
  using old = folderWith('echo "nix-instantiate (Nix) 2.3.16"');
  await unavailable(old.path, /Nix 2\.3\.16 in .* is too old: version 2\.4 or newer/);
  using broken = folderWith('echo "no such library" >&2; exit 127');
  await unavailable(broken.path, /does not tell its version \(no such library\)/);
});

test('versions are compared as numbers', () => {
  assert.ok(isAtLeast('2.10.1', 2, 4));
  assert.ok(isAtLeast('2.4pre20210601_5985b8b', 2, 4));
  assert.ok(isAtLeast('3.0', 2, 34));
  assert.ok(!isAtLeast('2.3.16', 2, 4));
});
