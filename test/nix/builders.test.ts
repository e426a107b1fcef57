import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { GivenOption } from '../../server/src/nix/nixConfiguration.ts';
import { oneBlank, tryBuild, untried, type TriedBuild } from '../support/buildable.ts';
import { nixVersions } from '../support/nixVersions.ts';

/** Nobody listens there: what Nix asks it is seen by its complaint. */
const unreachable = (name: string): string => `ssh://${name}.invalid`;

const foreign = 'system = "riscv64-linux";';
const builders = (value: string): GivenOption => ['builders', value];
const noJobs: GivenOption = ['max-jobs', '0'];

const built: readonly (readonly [what: string, attributes: string, options: readonly GivenOption[]])[] = [
  ["this machine's system", '', []],
  ['an extra platform', foreign, [['extra-platforms', 'riscv64-linux']]],
  ["this machine's feature", 'requiredSystemFeatures = [ "zz" ];', [['system-features', 'zz yy']]],
  ['no machine asked where the build is preferred here', 'preferLocalBuild = true;', [builders('x y - z')]],
  ['declined by all machines', '', [builders(`${unreachable('a')} aarch64-linux`)]],
  ['a machine without jobs is not waited for', '', [builders(`${unreachable('a')} - - 0`)]],
];

const refused: readonly (readonly [what: string, attributes: string, options: readonly GivenOption[]])[] = [
  ['another system', foreign, []],
  ['another system, however much a local build is preferred', `${foreign} preferLocalBuild = true;`, []],
  ['a feature that this machine lacks', 'requiredSystemFeatures = [ "zz" "aa" ];', []],
  ['another system and a feature', `${foreign} requiredSystemFeatures = [ "zz" ];`, []],
  ['a feature in structured attributes', '__structuredAttrs = true; requiredSystemFeatures = [ "zz" ];', []],
  ['extra platforms replace the defaults', 'system = "i686-linux";', [['extra-platforms', 'riscv64-linux']]],
  ['no job', '', [noJobs]],
  ['no job, and another system', foreign, [noJobs]],
  ['no job, and machines for others', '', [noJobs, builders(`${unreachable('a')} aarch64-linux`)]],
  ['no job for a builtin builder', builtin(), [noJobs]],
  ['a builtin builder that requires a feature', `${builtin()} requiredSystemFeatures = [ "zz" ];`, []],
  ['machines for others', foreign, [builders(`${unreachable('a')} aarch64-linux; b x86_64-linux`)]],
  ['a machine that asks for a feature', foreign, [builders(`${unreachable('a')} riscv64-linux - 1 1 - zz`)]],
  [
    'a machine without the feature',
    `${foreign} requiredSystemFeatures = [ "zz" ];`,
    [builders(`${unreachable('a')} riscv64-linux - 1 1 yy`)],
  ],
  ['a number that is none', '', [builders('ssh://a riscv64-linux - many')]],
  ['a host key that is none', '', [builders('ssh://a riscv64-linux - - - - - $')]],
  ['a negative speed', '', [builders('ssh://a riscv64-linux - 1 -2')]],
  ['an entry without a machine', foreign, [builders('- riscv64-linux')]],
  ['a speed between numbers, since 2.20', foreign, [builders('a aarch64-linux - 1 1.5')]],
  ['a blank entry, no more since 2.28.2', foreign, [builders('a aarch64-linux; ;b aarch64-linux')]],
  ['a comment with a semicolon, to its line since 2.28.2', foreign, [builders('# a; b c - d')]],
];

function builtin(): string {
  return 'system = "builtin"; builder = "builtin:fetchurl"; url = "file:///dev/null"; outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"; name = "tried-" + builtins.substring 0 8 (builtins.hashString "sha256" (toString builtins.currentTime));';
}

const asked: readonly (readonly [what: string, attributes: string, value: string])[] = [
  ['the faster one first', foreign, 'a.invalid riscv64-linux - 4 1; b.invalid riscv64-linux - 4 2'],
  ['of equals, the first', foreign, 'b.invalid riscv64-linux; a.invalid riscv64-linux'],
  ['a name without a scheme', foreign, 'user@a.invalid riscv64-linux'],
  ['several systems', foreign, 'a.invalid aarch64-linux,riscv64-linux\nb.invalid aarch64-linux'],
  [
    'only those with the features',
    `${foreign} requiredSystemFeatures = [ "zz" "yy" ];`,
    'a.invalid riscv64-linux - 1 1 zz; b.invalid riscv64-linux - 1 1 zz,xx yy; c.invalid riscv64-linux - - - - zz,yy',
  ],
  ["this machine's system where none is named", 'requiredSystemFeatures = [ "zz" ];', 'a.invalid - - - - zz'],
  [
    'a builtin builder with a feature',
    `${builtin()} requiredSystemFeatures = [ "zz" ];`,
    'a.invalid riscv64-linux - - - zz',
  ],
];

const all = [...built, ...refused, ...asked];

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, () => {
    let drvPaths: ReadonlyMap<string, string>;
    before(async () => {
      const made = await untried(
        directory,
        all.map(([, attributes]) => attributes),
      );
      assert.equal(new Set(made).size, all.length);
      drvPaths = new Map(all.map(([what], index) => [what, made[index] ?? '']));
    });
    const attempt = (what: string, options: readonly GivenOption[]): Promise<TriedBuild> =>
      tryBuild(directory, drvPaths.get(what) ?? '', options);

    for (const [what, , options] of built) {
      test(`builds here: ${what}`, async () => {
        const { foretold, isBuilt, stderr } = await attempt(what, options);
        assert.ok(isBuilt, stderr);
        assert.equal(foretold.kind, 'local');
      });
    }

    for (const [what, , options] of refused) {
      test(`refuses in the words that were foretold: ${what}`, async () => {
        const { foretold, isBuilt, stderr } = await attempt(what, options);
        assert.equal(isBuilt, false);
        assert.equal(foretold.kind, 'none');
        assert.ok(stderr.includes(oneBlank(foretold.reason)), `${foretold.reason}\n\n${stderr}`);
      });
    }

    for (const [what, , value] of asked) {
      test(`asks the machines that were foretold: ${what}`, async () => {
        const tried = await attempt(what, [builders(value)]);
        assert.deepEqual(
          tried.asked,
          tried.foretold.machines.map(({ uri }) => uri),
          tried.stderr,
        );
      });
    }
  });
}
