import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { runCommand, type CommandResult } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

/** Derivations that no other store of this machine has. */
function workspaceIn(folder: NixFolder): string {
  const salt = randomUUID();
  const derivation = (name: string, system: string, more = ''): string =>
    `derivation { name = "${name}-${salt}"; system = ${system}; builder = "/bin/sh"; ${more} }`;
  folder.write(
    'workspace/default.nix',
    `let tool = ${derivation('tool', 'builtins.currentSystem')};
in { app = ${derivation('app', '"x86_64-linux"', 'inputs = [ tool ];')}; }\n`,
  );
  return folder.file('workspace');
}

const target = ['-f', 'default.nix', '-A', 'app', '--as', 'x86_64-darwin'];

function isRight({ exitCode, stdout, stderr }: CommandResult): void {
  assert.equal(stderr, '');
  assert.equal(exitCode, 1, stdout);
  assert.match(
    stdout,
    /error: tool-\S+ is built for x86_64-darwin, but app-\S+ is built on and for x86_64-linux/,
  );
  assert.match(stdout, /\(proven: 1 → 0 darwin-built, \d+ derivations? changes?\)/);
}

interface Elsewhere {
  readonly name: string;
  readonly args: (folder: NixFolder) => string[];
  readonly env: (folder: NixFolder) => Record<string, string>;
  /** Below the folder, where the .drv files are. */
  readonly store: string;
}

const chroots: readonly Elsewhere[] = [
  {
    name: 'a chroot store by an option',
    args: (folder) => ['--option', 'store', folder.file('chroot')],
    env: () => ({}),
    store: 'chroot/nix/store',
  },
  {
    name: 'a chroot store by the root of a local one',
    args: (folder) => ['--option', 'store', `local?root=${folder.file('chroot')}`],
    env: () => ({}),
    store: 'chroot/nix/store',
  },
  {
    name: 'a chroot store of the environment',
    args: () => [],
    env: (folder) => ({ NIX_REMOTE: folder.file('chroot') }),
    store: 'chroot/nix/store',
  },
];

const moved: Elsewhere = {
  name: 'a store at another path',
  args: () => [],
  env: (folder) => ({
    NIX_STORE_DIR: folder.file('other/store'),
    NIX_STATE_DIR: folder.file('other/state'),
    NIX_LOG_DIR: folder.file('other/log'),
  }),
  store: 'other/store',
};

describe('a store that is elsewhere', () => {
  for (const { version, directory } of nixVersions()) {
    for (const { name, args, env, store } of [...chroots, moved]) {
      test(`${name} is read by its files with Nix ${version}, and repairs are proven`, async () => {
        using folder = new NixFolder({}, 'npl-elsewhere-');
        const workspace = workspaceIn(folder);
        const command = ['check', '--nix', directory, ...target, ...args(folder)];
        isRight(await runCommand(command, workspace, env(folder)));
        assert.ok(readdirSync(folder.file(store)).some((file) => file.endsWith('.drv')));
      });
    }
  }
});

describe('verify', () => {
  for (const { name, args, env } of chroots) {
    test(`says that it does not look into ${name}, and what to do`, async () => {
      using folder = new NixFolder({}, 'npl-elsewhere-');
      const workspace = workspaceIn(folder);
      const result = await runCommand(['verify', ...target, ...args(folder)], workspace, env(folder));
      assert.equal(result.exitCode, 2);
      assert.equal(result.stdout, '');
      assert.match(
        result.stderr,
        /error: The outputs are in the store \S*chroot, .*\(nix copy --no-check-sigs --from \S*chroot/,
      );
    });
  }

  test(`looks into ${moved.name}`, async () => {
    using folder = new NixFolder({}, 'npl-elsewhere-');
    const workspace = workspaceIn(folder);
    const build = 'args = [ "-c" "echo > $out" ]';
    folder.write(
      'workspace/built.nix',
      `derivation { name = "built"; system = "x86_64-linux"; builder = "/bin/sh"; ${build}; }`,
    );
    const env = moved.env(folder);
    const absent = await runCommand(['verify', '-f', 'built.nix'], workspace, env);
    assert.equal(absent.exitCode, 2, absent.stderr);
    const options = ['--option', 'sandbox', 'false', '--option', 'build-users-group', ''];
    execFileSync('nix-build', ['--no-out-link', ...options, folder.file('workspace/built.nix')], {
      env: { ...process.env, ...env },
      stdio: 'pipe',
    });
    const present = await runCommand(['verify', '-f', 'built.nix'], workspace, env);
    assert.equal(present.exitCode, 0, present.stderr + present.stdout);
    assert.match(present.stdout, /1 file/);
  });
});
