import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { probeLevels } from '../../server/src/probing/probes.ts';
import { fixtureTree } from '../support/fixtures.ts';
import { openFlake } from '../support/flakeWorkspace.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { packageSet } from '../support/packageSet.ts';
import { expectReport, openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

/**
 * A NixOS in small, whose package set and manual read a file each time that
 * they are made: a changed file shows which of them were made.
 */
function openTree(): NixFolder {
  return new NixFolder({ ...fixtureTree('nixosModules'), 'set.nix': packageSet }, 'npl-nixpkgs-');
}

const stamps = { set: 'stamp', manual: 'nixos/doc/manual/stamp' };

interface Machine {
  /** What `eval-config.nix` is given beside the modules. */
  readonly given?: string;
  readonly module?: string;
  readonly before?: string;
}

function machine({ given = 'system = "x86_64-linux";', module = '', before = '' }: Machine): string {
  return `{ set, tree ? set }:
let
  eval = import (tree + "/nixos/lib/eval-config.nix");
  mac = import tree { system = "x86_64-darwin"; };
  ${before}
in
(eval { ${given} modules = [ ({ pkgs, lib, ... }: {
  environment.packages = [ mac.jq ]; ${module}
}) ]; }).config.system.build.toplevel`;
}

async function openMachine(
  text: string,
  tree: NixFolder,
  directory: string | undefined,
): Promise<OpenWorkspace> {
  return openWorkspace(
    { files: { 'default.nix': text }, arguments: [['set', tree.path]] },
    directory === undefined ? {} : { nixDirectory: directory },
  );
}

/** The roots of some texts in the place of one that was evaluated: by the Nix that stays, and by others. */
async function rootsOf(
  first: string,
  texts: readonly string[],
  tree: NixFolder,
  directory?: string,
  meanwhile: () => void = () => undefined,
): Promise<{ readonly kept: (string | undefined)[]; readonly alone: (string | undefined)[] }> {
  await using open = await openMachine(first, tree, directory);
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  const level = probeLevels[report.probes.level ?? -1];
  assert.equal(level, 'full');
  assert.ok(open.options.kept?.of(open.request)?.confirmed, 'it has evaluated the files as they stand');
  const { workspaceRoots, directory: cwd, signal, limits } = open.options;
  const options = { workspaceRoots, directory: cwd, signal, limits };
  const rootOf = async (text: string, of: typeof options): Promise<string | undefined> =>
    open.evaluator.rootWith(open.request, new Map([[join(open.root, 'default.nix'), text]]), level, of);
  const alone: (string | undefined)[] = [];
  for (const text of texts) alone.push(await rootOf(text, options));
  meanwhile();
  const kept: (string | undefined)[] = [];
  for (const text of texts) kept.push(await rootOf(text, open.options));
  return { kept, alone };
}

const first = machine({});
const repaired = first.replace('mac.jq', 'pkgs.jq');

for (const { version, directory } of nixVersions()) {
  describe(`a Nix ${version} that stays`, () => {
    test('makes the package set and the manual of a NixOS system once', async () => {
      using tree = openTree();
      const { kept, alone } = await rootsOf(first, [repaired], tree, directory, () => {
        for (const stamp of Object.values(stamps)) tree.write(stamp, 'two');
      });
      assert.ok(kept[0]);
      // Whoever had made them anew had read the files anew.
      assert.deepEqual(kept, alone);
    });

    test('gives the root that another one gives, whatever a system is made with', async () => {
      using tree = openTree();
      const { kept, alone } = await rootsOf(first, machines.map(machine), tree, directory);
      assert.ok(kept.every((root) => root !== undefined));
      assert.equal(new Set(kept).size, kept.length, 'each of them is another system');
      assert.deepEqual(kept, alone);
    });
  });
}

const machines: readonly Machine[] = [
  { given: 'system = "aarch64-linux";' },
  { module: 'nixpkgs.config.stamp = "own";' },
  { module: 'nixpkgs.config.stamp = "\\\\ \\" \\${x} $$ \\r\\n\\t";' },
  { module: 'nixpkgs.config = { stamp = "by a function"; allow = package: true; };' },
  { module: 'nixpkgs.config = { stamp = "path"; file = ./default.nix; drv = mac.jq; };' },
  {
    module:
      'nixpkgs.overlays = [ (final: prev: { stdenv = prev.stdenv // { mkDerivation = args: prev.stdenv.mkDerivation (args // { overlaid = true; }); }; }) ];',
  },
  {
    module:
      'nixpkgs.localSystem = { system = "x86_64-linux"; gcc = { arch = "skylake"; }; isCompatible = other: false; }; environment.note = "own function";',
  },
  { module: 'nixpkgs.pkgs = import tree { system = "x86_64-linux"; config.stamp = "given"; };' },
  {
    given:
      'system = "x86_64-linux"; pkgs = import tree { system = "x86_64-linux"; config.stamp = "argument"; };',
  },
  { given: 'system = "x86_64-linux"; specialArgs.utils.hint = "special";' },
  {
    given: 'system = "x86_64-linux"; extraArgs.utils = lib.mkForce { hint = "extra"; };',
    before: 'lib = import (tree + "/lib");',
  },
  { module: '_module.args.utils = lib.mkForce { hint = "forced"; };' },
  {
    module:
      '_module.args.pkgs = lib.mkForce (import tree { system = "x86_64-linux"; config.stamp = "forced"; });',
  },
  {
    module:
      'documentation.nixos.includeAllModules = true; imports = [ { options.own = lib.mkOption { default = 1; }; } ];',
  },
  { module: 'documentation.nixos.enable = false;' },
  { module: 'meta.doc = [ "own" ];' },
  { module: 'system.nixos.release = "21.03";' },
  {
    given:
      'system = "x86_64-linux"; baseModules = import (tree + "/nixos/modules/module-list.nix") ++ [ { options.added = lib.mkOption { default = 1; }; } ];',
    before: 'lib = import (tree + "/lib");',
  },
  {
    given:
      'system = "x86_64-linux"; lib = lib // { mkOption = option: lib.mkOption (if option ? default && option.default == "see jq" then option // { default = "own"; } else option); };',
    before: 'lib = import (tree + "/lib");',
  },
];

/** What is made anew for a system that is made with something else than the one before. */
const changes: Readonly<
  Record<string, { readonly change: Machine; readonly anew: readonly (keyof typeof stamps)[] }>
> = {
  'a function in the configuration of the package set': {
    change: { module: 'nixpkgs.config.allow = package: true;' },
    anew: ['set', 'manual'],
  },
  'an overlay': {
    change: { module: 'nixpkgs.overlays = [ (final: prev: { }) ];' },
    anew: ['set', 'manual'],
  },
  'a function of the platform': {
    change: {
      module: 'nixpkgs.localSystem = { system = "x86_64-linux"; isCompatible = other: false; };',
    },
    anew: ['set', 'manual'],
  },
  'an argument that modules of nixpkgs take': {
    change: { module: '_module.args.utils = lib.mkForce { hint = "see jq"; };' },
    anew: ['manual'],
  },
  'documentation of all modules': {
    change: { module: 'documentation.nixos.includeAllModules = true;' },
    anew: ['manual'],
  },
  'an argument of one’s own': { change: { module: '_module.args.inputs = { };' }, anew: [] },
  'the same constants': { change: { module: 'nixpkgs.config = { }; nixpkgs.overlays = [ ];' }, anew: [] },
};

describe('a Nix that stays makes anew what may be another thing', () => {
  for (const [name, { change, anew }] of Object.entries(changes)) {
    test(name, async () => {
      for (const [part, stamp] of Object.entries(stamps)) {
        using tree = openTree();
        const { kept, alone } = await rootsOf(first, [machine(change)], tree, undefined, () => {
          tree.write(stamp, 'two');
        });
        assert.ok(kept[0]);
        const isAnew = anew.some((one) => one === part);
        assert.equal(kept[0] !== alone[0], isAnew, `is the ${part} made anew?`);
      }
    });
  }
});

test('a Nix that stays gives the root that another one gives, of systems of a flake', async () => {
  const flake = `  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.default = (nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ({ pkgs, ... }: {
        environment.packages = [ nixpkgs.legacyPackages.x86_64-darwin.jq ];
      }) ];
    }).config.system.build.toplevel;
  };`;
  const changed = [
    ['nixpkgs.legacyPackages.x86_64-darwin.jq', 'pkgs.jq'],
    ['system = "x86_64-linux";', 'system = "aarch64-linux";'],
    ['system = "x86_64-linux";', 'system = "x86_64-linux"; lib = nixpkgs.lib // { own = true; };'],
    ['({ pkgs, ... }: {', '({ pkgs, lib, ... }: { environment.note = toString (builtins.attrNames lib);'],
    ['modules = [', 'specialArgs.utils.hint = "special"; modules = ['],
  ] as const;
  const tree = { ...fixtureTree('nixosModules'), 'set.nix': packageSet };
  await using open = await openFlake(flake, 'default', undefined, tree);
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  assert.equal(report.probes.level, 0);
  assert.ok(open.options.kept?.of(open.request)?.confirmed);
  const file = join(open.root, 'flake.nix');
  const { workspaceRoots, directory, signal, limits } = open.options;
  const roots = new Set<string>();
  for (const [from, to] of changed) {
    const overlays = new Map([[file, (report.sources.get(file) ?? '').replace(from, to)]]);
    const kept = await open.evaluator.rootWith(open.request, overlays, 'full', open.options);
    const alone = { workspaceRoots, directory, signal, limits };
    assert.ok(kept, to);
    assert.equal(kept, await open.evaluator.rootWith(open.request, overlays, 'full', alone), to);
    roots.add(kept);
  }
  assert.equal(roots.size, changed.length, 'each of them is another system');
});
