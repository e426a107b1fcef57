import { fixture } from './fixtures.ts';

/**
 * A package set in small, with nixpkgs's mechanisms: a fixpoint with overlays,
 * callPackage, a stdenv that names its platforms, phases, splicing, several outputs,
 * override and overrideAttrs. It lies outside the workspace under test, as
 * nixpkgs does, and in one file: what it imports from beside it stands in its place.
 */
export const packageSet = fixture('packageSet.nix').replace(
  /import \.\/(\w+\.nix)/g,
  (_import, name: string) => fixture(name),
);
