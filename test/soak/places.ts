import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { exampleSettings } from '../server/support/exampleWorkspace.ts';
import { leakyFile } from '../server/support/workspace.ts';
import { largeWorkspace } from '../support/largeWorkspace.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixosTree } from '../support/nixosInSmall.ts';
import { packageSet } from '../support/packageSet.ts';

/** A workspace that is worked in. */
export interface Place extends Disposable {
  readonly name: string;
  readonly root: string;
  /** Names of the files that are edited. */
  readonly files: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
}

const example = join(import.meta.dirname, '../../example');

/** The example of the repository. */
function exampleFarm(): Place {
  const folder = new NixFolder({}, 'npl-soak-example-');
  cpSync(example, folder.path, { recursive: true });
  return {
    name: 'example',
    root: folder.path,
    files: ['release.nix', 'server.nix', 'board.nix'],
    settings: exampleSettings,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Many files, and a closure of thousands of derivations. */
function manyFiles(): Place {
  const workspace = largeWorkspace(40);
  return {
    name: 'many files',
    root: workspace.path,
    files: workspace.names.slice(0, 12),
    settings: {
      targets: [{ file: 'default.nix' }, { file: 'default.nix', attribute: 'drvAttrs.buildInputs' }],
    },
    [Symbol.dispose]: () => workspace[Symbol.dispose](),
  };
}

/** A NixOS configuration of modules beside its package set. */
function machine(): Place {
  const tree = Object.entries(nixosTree(packageSet)).map(([name, text]): [string, string] => [
    `nixpkgs/${name}`,
    text,
  ]);
  const folder = new NixFolder(
    {
      ...Object.fromEntries(tree),
      'configuration.nix': `{ pkgs, ... }:
{
  imports = [ ./web.nix ];
  networking.hostName = "host";
  nixpkgs.localSystem.system = "x86_64-linux";
  environment.systemPackages = with pkgs; [ jq git ];
}
`,
      'web.nix': `{ pkgs, ... }:
let
  other = import ./nixpkgs { };
in
{
  environment.systemPackages = [ pkgs.hello other.jq ];
}
`,
      'default.nix': leakyFile,
    },
    'npl-soak-machine-',
  );
  return {
    name: 'machine',
    root: folder.path,
    files: ['configuration.nix', 'web.nix', 'default.nix'],
    settings: {
      targets: [
        { nixos: 'configuration.nix', nixpkgs: './nixpkgs' },
        { file: 'default.nix', attribute: 'app' },
      ],
      evaluateAs: 'x86_64-darwin',
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

export const places: readonly (() => Place)[] = [exampleFarm, manyFiles, machine];

/** The texts of a place's files, as they are on disk. */
export function textsOf({ root, files }: Place): ReadonlyMap<string, string> {
  const present = new Set(readdirSync(root, { recursive: true }).map(String));
  return new Map(
    files
      .filter((name) => present.has(name))
      .map((name) => [join(root, name), readFileSync(join(root, name), 'utf8')]),
  );
}
