import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { readConfiguration } from '../../server/src/nix/nixConfiguration.ts';
import { instantiateFile } from '../../server/src/nix/evaluate.ts';
import { findNix, isAtLeast } from '../../server/src/nix/installation.ts';
import { showDerivation } from '../../server/src/nix/runShowDerivation.ts';
import { evaluationArguments } from '../support/evaluationArguments.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, async () => {
    const nix = await findNix({ directory });

    test('tells the settings that are in force, machines files included', async () => {
      using folder = new NixFolder({
        machines: 'ssh://mac x86_64-darwin,aarch64-darwin\nssh://arm aarch64-linux\n',
      });
      const settings = [
        'system = riscv64-linux',
        'extra-platforms = x86_64-linux i686-linux',
        'system-features = kvm',
        `builders = @${folder.file('machines')};ssh://one x86_64-linux;@${folder.file('absent')};@${folder.path}`,
        'max-jobs = 3',
        'substituters =',
        'fallback = true',
        'experimental-features = nix-command ca-derivations',
      ];
      const machine = (uri: string, systems: string[]) => ({
        ...{ uri, systems, maxJobs: 1, speedFactor: 1 },
        ...{ supportedFeatures: [], mandatoryFeatures: [] },
      });
      const { builders } = await readConfiguration(nix, { env: { NIX_CONFIG: settings.join('\n') } }, [
        ['extra-system-features', 'zz'],
      ]);
      const { refusals, ...rest } = builders;
      assert.deepEqual(rest, {
        system: 'riscv64-linux',
        extraPlatforms: ['i686-linux', 'x86_64-linux'],
        systemFeatures: ['kvm', 'zz'],
        maxJobs: 3,
        externalBuilderSystems: [],
        machines: [
          machine('ssh://mac', ['x86_64-darwin', 'aarch64-darwin']),
          machine('ssh://arm', ['aarch64-linux']),
          machine('ssh://one', ['x86_64-linux']),
        ],
        unreadableMachines: [folder.path],
        substitutes: false,
        alwaysAllowSubstitutes: false,
        fallback: true,
      });
      assert.ok(isAtLeast(nix.version, 2, Number(refusals.split('.')[1])), refusals);
    });

    test('is asked for its settings by one process, and by a second one where its number misleads', async () => {
      using folder = new NixFolder({ calls: '' });
      const calls = folder.file('calls');
      folder.write('bin/nix', `#!/bin/sh\necho "$3" >> '${calls}'\nexec '${directory}/nix' "$@"\n`, 0o755);
      const watched = { ...nix, commands: { ...nix.commands, nix: folder.file('bin/nix') } };
      const names = async () => (await readFile(calls, 'utf8')).trim().split('\n');

      const expected = await readConfiguration(watched);
      const [own, ...others] = await names();
      assert.deepEqual(others, []);

      // As a fork may count.
      const misleading = isAtLeast(version, 2, 19) ? '2.4' : '3.0';
      assert.deepEqual(
        (await readConfiguration({ ...watched, version: misleading })).builders.systemFeatures,
        expected.builders.systemFeatures,
      );
      const [, likelier, ...rest] = await names();
      assert.notEqual(likelier, own);
      // Newer ones still know the older name.
      assert.deepEqual(rest, isAtLeast(version, 2, 19) ? [] : [own]);
    });

    test('shows a derivation in its own form', async () => {
      using folder = new NixFolder({
        'default.nix': 'derivation { name = "shown"; system = "x86_64-darwin"; builder = "/bin/sh"; }',
      });
      const evaluation = { file: folder.path, attribute: '', arguments: evaluationArguments() };
      const [drvPath = ''] = await instantiateFile(nix, evaluation);
      const shown = JSON.stringify(await showDerivation(nix, drvPath));
      assert.match(shown, /"system":"x86_64-darwin"/);
      assert.match(shown, /-shown\.drv":\{/);
    });
  });
}
