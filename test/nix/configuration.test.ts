import assert from 'node:assert/strict';
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
      const { builders, experimentalFeatures } = await readConfiguration(
        nix,
        { env: { NIX_CONFIG: settings.join('\n') } },
        [['extra-system-features', 'zz']],
      );
      assert.deepEqual(experimentalFeatures, ['ca-derivations', 'nix-command']);
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
