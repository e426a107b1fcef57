# A package set in small: it has the scoping of the real one (a fixpoint,
# overlays, callPackage, splicing), and nothing to download. Its derivations
# only write their own description, so they build anywhere in no time.
{
  # Where things are built. Who leaves it out gets the machine that evaluates.
  system ? builtins.currentSystem,
  # Where things run, e.g. { system = "aarch64-linux"; }. null: where they are built.
  crossSystem ? null,
  # Functions `final: prev: { … }`, applied in this order.
  overlays ? [ ],
}:

let
  lib = import ./lib;
  platformOf = import ./lib/platforms.nix;

  buildPlatform = platformOf system;
  hostPlatform = if crossSystem == null then buildPlatform else platformOf crossSystem.system;

  # The packages that run on `hostPlatform`; `buildPackages` are the tools to
  # build them with, themselves when nothing is cross-compiled.
  packagesFor =
    hostPlatform: buildPackages:
    lib.fix (
      lib.composeOverlays overlays (
        final:
        let
          tools = if buildPackages == null then final else buildPackages;
          scope = if buildPackages == null then final else lib.splice buildPackages final;
        in
        {
          inherit lib;
          pkgs = final;
          callPackage = lib.callPackageWith scope;
          buildPackages = tools;
          pkgsBuildHost = tools;
          stdenv = import ./pkgs/stdenv { inherit lib buildPlatform hostPlatform; };
        }
        // import ./pkgs/top-level/all-packages.nix final
      )
    );

  native = packagesFor buildPlatform null;
in
if hostPlatform == buildPlatform then native else packagesFor hostPlatform native
