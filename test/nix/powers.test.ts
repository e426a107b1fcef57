import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { evaluateDrvPath, evaluateExpression } from '../../server/src/nix/evaluate.ts';
import { instantiateFlake } from '../../server/src/nix/flake.ts';
import { fetchInputs } from '../../server/src/nix/fetchInputs.ts';
import { flakeMetadata } from '../../server/src/nix/flakeMetadata.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import { nixString } from '../../server/src/nix/nixString.ts';
import { ownPrograms } from '../../server/src/nix/process/ownPrograms.ts';
import { findUnlockedInputs } from '../../server/src/nix/unlockedInputs.ts';
import { WarmNix } from '../../server/src/nix/warm/warmNix.ts';
import { evaluationArguments } from '../support/evaluationArguments.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

let folder: NixFolder;

beforeEach(() => {
  folder = new NixFolder({}, 'nix-lens-powers-');
});

afterEach(() => folder[Symbol.dispose]());

/** A program that leaves a mark beside it. */
function program(name: string): string {
  const file = join(folder.path, name);
  folder.write(name, `#!/bin/sh\necho "$0 $*" >> ${folder.path}/has-run\n`);
  chmodSync(file, 0o755);
  return file;
}

const hasRun = (): boolean => existsSync(join(folder.path, 'has-run'));

/** What a person may have written into their own nix.conf. */
const trusting = { NIX_CONFIG: 'accept-flake-config = true' };

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, async () => {
    const nix = await findNix({ directory });

    test('a flake’s nixConfig starts no program and builds nothing, even where nix.conf accepts it', async () => {
      const hook = program('hook.sh');
      // New for each run: what was built once would not be built again.
      const built = `derivation { name = "${randomUUID()}"; system = "x86_64-linux"; builder = "/bin/sh";
        args = [ "-c" "echo ran > ${folder.path}/has-run; echo 1 > $out" ]; }`;
      folder.write(
        'flake.nix',
        `{
          nixConfig.allow-import-from-derivation = true;
          nixConfig.build-hook = "${hook}";
          outputs = { self }: {
            packages.x86_64-linux.default = derivation {
              name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; x = import (${built});
            };
          };
        }`,
      );
      const flake = folder.path;
      const evaluation = { flake, attribute: '', arguments: evaluationArguments() };
      const options = { evaluateAs: 'x86_64-linux', env: trusting };
      await assert.rejects(instantiateFlake(nix, evaluation, options), /allow-import-from-derivation/);
      // Also where somebody asked for the contrary.
      const asked = { ...evaluation.arguments, option: [['accept-flake-config', 'true']] as const };
      await assert.rejects(
        instantiateFlake(nix, { ...evaluation, arguments: asked }, options),
        /allow-import-from-derivation/,
      );
      const locked = await flakeMetadata(nix, flake, options);
      const root = `(builtins.getFlake ${nixString(locked.url)}).packages.x86_64-linux.default`;
      await assert.rejects(
        evaluateDrvPath(nix, root, { ...options, flakes: true }),
        /allow-import-from-derivation/,
      );
      await fetchInputs(nix, flake, options);
      await using warm = new WarmNix(nix, { cwd: folder.path });
      await assert.rejects(warm.query(`${root}.drvPath`), /allow-import-from-derivation/);
      assert.ok(!hasRun());
    });

    test('an expression that begins with a dash is an expression', async () => {
      folder.write('default.nix', `builtins.exec [ "${program('exec.sh')}" ]`);
      // Nix has a flag for each of its options that is on or off.
      for (const flag of ['--allow-unsafe-native-code-during-evaluation', '-I', '--version', '--help'])
        await assert.rejects(
          evaluateDrvPath(nix, flag, { cwd: folder.path }),
          /undefined variable|syntax error/,
        );
      assert.equal(await evaluateExpression(nix, '- 2 + 3'), 1);
      assert.ok(!hasRun());
    });

    test('the settings of the workspace’s git start no program', async () => {
      const monitor = program('monitor.sh');
      folder.write(
        'flake.nix',
        `{ outputs = { self }: { packages.x86_64-linux.default = derivation {
            name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; src = ./.; }; }; }`,
      );
      const git = (...args: string[]) =>
        execFileSync('git', ['-C', folder.path, ...args], { stdio: 'ignore' });
      git('init');
      git('add', '--all');
      git('-c', 'user.name=test', '-c', 'user.email=test@example.invalid', 'commit', '--message', 'first');
      git('config', 'core.fsmonitor', monitor);
      folder.write('data', randomUUID());
      const evaluation = { flake: folder.path, attribute: '', arguments: evaluationArguments() };
      await instantiateFlake(nix, evaluation, { evaluateAs: 'x86_64-linux' });
      assert.ok(!hasRun());
    });

    // Mercurial and ssh take hooks, extensions and commands from a folder's own files.
    for (const [name, expression] of [
      ['hg', (path: string) => `(builtins.fetchMercurial ${nixString(`file://${path}`)}).rev`],
      ['hg', (path: string) => `"\${builtins.fetchMercurial (/. + ${nixString(path)})}"`],
      ['ssh', (path: string) => `(builtins.fetchGit ${nixString(`ssh://-F${path}/repository`)}).rev`],
    ] as const) {
      test(`${name} is not started while nothing may be fetched: ${expression('…')}`, async () => {
        program(name);
        folder.write('repository/.hg/hgrc', `[hooks]\npre-status = echo ran > ${folder.path}/has-run\n`);
        const env = { PATH: `${folder.path}:${process.env['PATH'] ?? ''}` };
        const evaluation = evaluateExpression(nix, expression(join(folder.path, 'repository')), {
          env,
          flakes: true,
        });
        await assert.rejects(evaluation);
        assert.ok(!hasRun());
      });
    }

    test('what declares the inputs of a flake reads nothing else', async () => {
      folder.write('secret', 'TOP-SECRET');
      folder.write(
        'flake/flake.nix',
        `{
          inputs.\${builtins.readFile ${folder.path}/secret}.url = "github:a/b";
          inputs.\${builtins.getEnv "NPL_SECRET"}.url = "github:a/c";
          outputs = { self, ... }: { };
        }`,
      );
      const env = { NPL_SECRET: 'TOP-SECRET' };
      const found = await findUnlockedInputs(nix, folder.file('flake'), { env });
      assert.doesNotMatch(JSON.stringify(found), /TOP-SECRET/);
    });

    test('inputs that lead in a circle, through links too, are looked at once each', async () => {
      folder.write(
        'flake.nix',
        `{ inputs.a.url = "path:./a"; inputs.b.url = "path:./b"; outputs = _: { }; }`,
      );
      for (const name of ['a', 'b']) symlinkSync('.', folder.file(name));
      assert.deepEqual(await findUnlockedInputs(nix, folder.path, {}), { unlocked: [], changed: [] });
    });

    test('an input with a percent sign that says nothing is left to Nix', async () => {
      folder.write('flake.nix', `{ inputs.a.url = "path:./%zz"; outputs = _: { }; }`);
      assert.deepEqual(await findUnlockedInputs(nix, folder.path, {}), { unlocked: [], changed: [] });
    });
  });
}

describe('the environment of Nix', () => {
  test('has no relative entry of the PATH', () => {
    assert.equal(ownPrograms({ PATH: '.:bin::/usr/bin:./x:/bin' })['PATH'], '/usr/bin:/bin');
    // An empty one would be the folder that Nix runs in.
    assert.equal(ownPrograms({})['PATH'], '/usr/bin:/bin');
    assert.equal(ownPrograms({ PATH: '.:bin' })['PATH'], '/usr/bin:/bin');
  });

  test('keeps what the person has set for git', () => {
    const git = ownPrograms({ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.name' });
    assert.deepEqual(git, {
      PATH: '/usr/bin:/bin',
      GIT_NO_LAZY_FETCH: '1',
      GIT_CONFIG_COUNT: '3',
      GIT_CONFIG_KEY_1: 'core.fsmonitor',
      GIT_CONFIG_VALUE_1: 'false',
      GIT_CONFIG_KEY_2: 'core.hooksPath',
      GIT_CONFIG_VALUE_2: '/dev/null',
    });
  });
});
