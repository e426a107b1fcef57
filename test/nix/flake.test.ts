import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { describeFailure } from '../../server/src/nix/describeFailure.ts';
import { NixFailure } from '../../server/src/nix/failure.ts';
import { flakeAttributePaths, instantiateFlake } from '../../server/src/nix/flake.ts';
import { flakeMetadata } from '../../server/src/nix/flakeMetadata.ts';
import { localFlakeSource } from '../../server/src/nix/flakeSource.ts';
import { findNix, isAtLeast } from '../../server/src/nix/installation.ts';
import { evaluationArguments } from '../support/evaluationArguments.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

const flakeText = `
{
  inputs.part.url = "path:./part";
  outputs = { self, part }:
    let
      make = system: name: derivation {
        inherit system;
        name = part.prefix + name;
        builder = "/bin/sh";
        src = ./data;
      };
      linux = make "x86_64-linux";
    in
    {
      packages.x86_64-linux = { default = linux "default"; tool = linux "tool"; "a b%c" = linux "odd"; };
      packages.x86_64-darwin.tool = make "x86_64-darwin" "tool";
      legacyPackages.x86_64-linux.set.member = linux "member";
      nixosConfigurations.host.config.system.build.toplevel = linux "toplevel";
      darwinConfigurations.mac.system = make "x86_64-darwin" "mac";
      homeConfigurations.me.activationPackage = linux "activation";
      deploy.nodes.node.profiles.system.path = linux "deployed";
      apps.x86_64-linux.app = { type = "app"; program = "\${linux "program"}/bin/x"; };
      lib.value = { left = 1; right = 2; };
      broken = linux (throw "broken on purpose");
    };
}
`;

const files = {
  'flake.nix': flakeText,
  'part/flake.nix': '{ outputs = { self }: { prefix = "part-"; }; }',
  data: 'committed',
};

/** A git repository with uncommitted changes, as it is while somebody edits. */
function openRepository(name: string): NixFolder {
  const folder = new NixFolder(files, name);
  const git = (...args: string[]) => execFileSync('git', ['-C', folder.path, ...args], { stdio: 'ignore' });
  git('init');
  git('add', '--all');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.invalid', 'commit', '--message', 'first');
  folder.write('data', `changed ${process.hrtime.bigint()}`);
  return folder;
}

const repository = openRepository('nix-lens-flake-');
const folder = new NixFolder(files, 'nix-lens-flake-');
const oddRepository = openRepository('nix lens #1 ');
after(() => [repository, folder, oddRepository].forEach((each) => each[Symbol.dispose]()));

const evaluation = (attribute: string, flake = repository.path) => ({
  flake,
  attribute,
  arguments: evaluationArguments(),
});

/** The name of a derivation from its store path. */
const nameOf = (drvPath: string) => /^\/nix\/store\/[a-z0-9]{32}-(.*)\.drv$/.exec(drvPath)?.[1];

const isNixFailure = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof NixFailure, String(error));
  assert.match(error.message, message);
  return true;
};

const cases = {
  '': 'part-default',
  tool: 'part-tool',
  '"a b%c"': 'part-odd',
  'set.member': 'part-member',
  'packages.x86_64-darwin.tool': 'part-tool',
  '.packages.x86_64-darwin.tool': 'part-tool',
  'nixosConfigurations.host': 'part-toplevel',
  'darwinConfigurations.mac': 'part-mac',
  'homeConfigurations.me': 'part-activation',
  'deploy.nodes.node': 'part-deployed',
  'apps.x86_64-linux.app': 'part-program',
};

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, async () => {
    const nix = await findNix({ directory });
    const asLinux = { evaluateAs: 'x86_64-linux' };

    for (const [attribute, name] of Object.entries(cases)) {
      test(`the root of #${attribute}`, async () => {
        const drvPath = await instantiateFlake(nix, evaluation(attribute), asLinux);
        assert.equal(nameOf(drvPath), name);
        assert.ok(existsSync(drvPath));
      });
    }

    test('the system that is evaluated as chooses among the packages', async () => {
      const evaluateAs = 'x86_64-darwin';
      const darwin = await instantiateFlake(nix, evaluation('tool'), { evaluateAs });
      assert.equal(darwin, await instantiateFlake(nix, evaluation('packages.x86_64-darwin.tool')));
      assert.notEqual(darwin, await instantiateFlake(nix, evaluation('tool'), asLinux));
      const missing = isNixFailure(/does not provide attribute 'packages\.x86_64-darwin\.default'/);
      await assert.rejects(instantiateFlake(nix, evaluation(''), { evaluateAs }), missing);
    });

    test('nothing is written beside the flake, no lock file either', async () => {
      for (const { path } of [repository, folder]) {
        await instantiateFlake(nix, evaluation('tool', path), asLinux);
        assert.deepEqual(
          readdirSync(path)
            .filter((name) => name !== '.git')
            .sort(),
          ['data', 'flake.nix', 'part'],
        );
      }
    });

    test('its source is known, of a repository and of a plain folder', async () => {
      for (const { path } of [repository, folder]) {
        const metadata = await flakeMetadata(nix, path);
        assert.deepEqual(localFlakeSource(metadata), { root: path, subdirectory: '' });
        assert.match(metadata.path, /^\/nix\/store\/[a-z0-9]{32}-source$/);
        assert.ok('nodes' in metadata.locks);
      }
      const below = await flakeMetadata(nix, repository.file('part'));
      assert.deepEqual(localFlakeSource(below), { root: repository.path, subdirectory: 'part' });
    });

    test('a path with special characters is understood, or refused with advice', async () => {
      const evaluate = instantiateFlake(nix, evaluation('tool', oddRepository.path), asLinux);
      if (isAtLeast(version, 2, 26)) {
        assert.equal(nameOf(await evaluate), 'part-tool');
        assert.deepEqual(localFlakeSource(await flakeMetadata(nix, oddRepository.path)), {
          root: oddRepository.path,
          subdirectory: '',
        });
      } else {
        const error = await evaluate.catch((thrown: unknown) => thrown);
        const [described] = describeFailure(error, () => false);
        assert.match(described?.message ?? '', /is not a valid URL/);
        assert.match(described?.advice ?? '', /upgrade Nix/);
      }
    });

    for (const [kind, open] of [
      ['a git repository', openRepository],
      ['a plain folder', (name: string) => new NixFolder(files, name)],
    ] as const) {
      test(`a flake.nix in ${kind} that cannot be parsed is blamed itself`, async () => {
        using flake = open('nix-lens-flake-');
        flake.write('flake.nix', `# ${process.hrtime.bigint()}\n{ outputs = ; }`);
        const evaluate = instantiateFlake(nix, evaluation('tool', flake.path), asLinux);
        const error = await evaluate.catch((thrown: unknown) => thrown);
        const [described] = describeFailure(error, (file) => file.startsWith(`${flake.path}/`));
        assert.equal(described?.source?.file, flake.file('flake.nix'));
        assert.equal(described.source.range.start.line, 1);
      });
    }

    test('an error lies in the file that the person edits', async () => {
      const error = await instantiateFlake(nix, evaluation('broken')).catch((thrown: unknown) => thrown);
      const [described] = describeFailure(error, (file) => file.startsWith(`${repository.path}/`));
      assert.match(described?.message ?? '', /^broken on purpose/);
      assert.equal(described?.source?.file, repository.file('flake.nix'));
      const line = flakeText.split('\n')[described.source.range.start.line];
      assert.match(line ?? '', isAtLeast(version, 2, 26) ? /broken on purpose/ : /name = |derivation/);
    });

    test('what has no derivation says what it is, what is absent what it may mean', async () => {
      const noDerivation = isNixFailure(/no derivation .* a set with the attributes left, right/);
      await assert.rejects(instantiateFlake(nix, evaluation('lib.value')), noDerivation);
      const error = await instantiateFlake(nix, evaluation('tol'), asLinux).catch(
        (thrown: unknown) => thrown,
      );
      const [described] = describeFailure(error, () => true);
      assert.match(described?.message ?? '', /does not provide attribute/);
      assert.match(described?.advice ?? '', /Did you mean tool\?/);
    });

    test('a folder without flake.nix is told', async () => {
      using empty = new NixFolder({}, 'nix-lens-');
      await assert.rejects(flakeMetadata(nix, empty.path), isNixFailure(/flake\.nix/));
    });
  });
}

test('an attribute behind # may mean several attribute paths', () => {
  const system = 'x86_64-linux';
  assert.deepEqual(flakeAttributePaths('', system), [
    ['packages', system, 'default'],
    ['defaultPackage', system],
  ]);
  assert.deepEqual(flakeAttributePaths('a."b.c"', system), [
    ['packages', system, 'a', 'b.c'],
    ['legacyPackages', system, 'a', 'b.c'],
    ['a', 'b.c'],
  ]);
  assert.deepEqual(flakeAttributePaths('.a', system), [['a']]);
});
