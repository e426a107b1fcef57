import { execFileSync } from 'node:child_process';
import { NixFolder } from './nixFolder.ts';
import { nixosTree } from './nixosInSmall.ts';
import { packageSet } from './packageSet.ts';
import { openWorkspace, type OpenWorkspace } from './workspace.ts';

const systems = '[ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ]';

/** The package set as a flake: its packages, `nixosSystem`, and a function of each system as deploy-rs has one. */
const nixpkgsFlake = `{
  outputs = { self }:
    let
      each = f: builtins.listToAttrs (map (system: { name = system; value = f system; }) ${systems});
      of = system: import ./. { inherit system; };
    in {
      legacyPackages = each of;
      lib = {
        nixosSystem = { system, modules }: import ./nixos/lib/eval-config.nix { inherit system modules; };
      } // each (system: { activate = what: (of system).runCommand "activate" { } "exec \${what}/activate"; });
    };
}`;

/**
 * A flake in a workspace, whose input `nixpkgs` lies outside it and is locked.
 *
 * @param tree the files of that input; left out: a small nixpkgs
 */
export async function openFlake(
  text: string,
  attribute: string,
  expect?: string,
  tree: Readonly<Record<string, string>> = { ...nixosTree(packageSet), 'flake.nix': nixpkgsFlake },
): Promise<OpenWorkspace> {
  const nixpkgs = new NixFolder(tree, 'nix-lens-nixpkgs-');
  const head = `{\n  inputs.nixpkgs.url = "path:${nixpkgs.path}";\n`;
  const open = await openWorkspace({ files: { 'flake.nix': `${head}${text}\n}\n` } });
  const flags = ['--extra-experimental-features', 'nix-command flakes'];
  execFileSync('nix', [...flags, 'flake', 'lock', `path:${open.root}`], { stdio: 'pipe' });
  return {
    ...open,
    request: {
      target: {
        kind: 'flake',
        flake: open.root,
        attribute,
        arguments: { arg: [], argstr: [], include: [], option: [] },
      },
      ...(expect !== undefined && { expect }),
    },
    [Symbol.asyncDispose]: async () => {
      nixpkgs[Symbol.dispose]();
      await open[Symbol.asyncDispose]();
    },
  };
}
