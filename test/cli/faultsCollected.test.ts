import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { describe, test } from 'node:test';

import { runCommand } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

const workspace = {
  'workspace/default.nix': `
    let derivation_ = name: inputs: derivation { inherit name inputs; system = "x86_64-linux"; builder = "/bin/sh"; };
    in { app = derivation_ "app" [ (derivation_ "tool" [ (derivation_ "below" [ ]) ]) ]; }
  `,
};
const target = ['-f', 'default.nix', '-A', 'app', '--as', 'x86_64-linux'];

/** A store of the test's own, which nothing else collects. */
function storeOf(folder: NixFolder): Record<string, string> {
  const store = {
    NIX_STORE_DIR: folder.file('nix/store'),
    NIX_STATE_DIR: folder.file('nix/state'),
    NIX_LOG_DIR: folder.file('nix/log'),
  };
  // Its database is there before two evaluations begin side by side.
  execFileSync('nix-store', ['--init'], { env: { ...process.env, ...store }, stdio: 'ignore' });
  return store;
}

/** What may be gone when the closure is read, and how a shell does it. */
const collections = [
  { what: 'an input', collect: 'rm -f "$NIX_STORE_DIR"/*-tool.drv', missing: 'tool' },
  { what: 'the deepest input', collect: 'rm -f "$NIX_STORE_DIR"/*-below.drv', missing: 'below' },
  { what: 'all of it, by Nix,', collect: 'nix-store --gc >&2', missing: 'app' },
] as const;

for (const { version, directory } of nixVersions()) {
  describe(`a closure that is collected between evaluation and reading, by Nix ${version}`, () => {
    for (const { what, collect, missing } of collections) {
      test(`${what} is told as missing, and nothing is called clean`, async () => {
        using folder = new NixFolder(workspace, 'npl-collected-');
        for (const program of ['nix', 'nix-store'])
          folder.write(`bin/${program}`, `#!/bin/sh\nexec ${directory}/${program} "$@"\n`, 0o755);
        // Nothing but the test's own store may ever be touched.
        const guard = `case "$NIX_STORE_DIR" in ${folder.path}/*) ;; *) exit 99 ;; esac`;
        // Only behind the plain evaluation: the probed one, beside it, must not take away what that is writing.
        const collected = `case "$*" in *--dry-run*|*--eval*) ;; *) ${collect} 2>/dev/null ;; esac`;
        const after = `${guard}\nPATH=${directory}:$PATH\n${collected}\n`;
        folder.write(
          'bin/nix-instantiate',
          `#!/bin/sh\n${directory}/nix-instantiate "$@"\nstatus=$?\n${after}exit $status\n`,
          0o755,
        );
        // The Nix that stays for repairs writes derivations as well, and would bring back what was taken away.
        const args = ['check', ...target, '--no-fixes', '--nix', folder.file('bin')];
        const { exitCode, stdout, stderr } = await runCommand(
          args,
          folder.file('workspace'),
          storeOf(folder),
        );
        assert.equal(exitCode, 2, stdout + stderr);
        assert.match(stdout + stderr, new RegExp(`/\\w{32}-${missing}\\.drv: expected`));
        assert.doesNotMatch(stdout, /✓/);
      });
    }
  });
}

test('a .drv whose input was collected since the last check is not called clean any more', async () => {
  using folder = new NixFolder(workspace, 'npl-collected-');
  const env = storeOf(folder);
  const first = await runCommand(['check', ...target], folder.file('workspace'), env);
  assert.equal(first.exitCode, 0, first.stdout + first.stderr);
  const fileOf = (name: string): string => {
    const found = readdirSync(folder.file('nix/store')).find((file) => file.endsWith(`-${name}.drv`));
    assert.ok(found !== undefined);
    return folder.file(`nix/store/${found}`);
  };
  const root = fileOf('app');
  const before = await runCommand(['check', root], folder.path, env);
  assert.equal(before.exitCode, 0, before.stdout + before.stderr);
  rmSync(fileOf('tool'));
  const after = await runCommand(['check', root], folder.path, env);
  assert.equal(after.exitCode, 2, after.stdout + after.stderr);
  assert.match(after.stdout, /gap: \S+-tool\.drv: expected/);
  rmSync(root);
  const gone = await runCommand(['check', root], folder.path, env);
  assert.equal(gone.exitCode, 2);
  assert.match(gone.stderr, /-app\.drv/);
});
