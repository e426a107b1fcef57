import { fixtureTree } from './fixtures.ts';

/**
 * A module system and a NixOS in small, with nixpkgs's interfaces: modules with
 * `imports`, `options`, priorities and `specialArgs`; `nixos/default.nix` and
 * `nixos/lib/eval-config.nix`. Together they are the tree of a package set.
 *
 * @param packages the text of a package set, a function of `system`
 */
export function nixosTree(packages: string): Readonly<Record<string, string>> {
  return { ...fixtureTree('nixosInSmall'), 'set.nix': packages };
}
