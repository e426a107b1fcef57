# The web service of a build farm, for the Linux machines that run it:
#
#   nix-build release.nix -A build.x86_64-linux
#
# Linux is asked for wherever one looks. Evaluated on a Mac, a part of the
# closure is for the Mac all the same, and no Linux machine can build it.
# The red squiggle says where that part comes in.

let
  pkgs = import ./nixpkgs { };
in
{
  build = pkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (
    system:

    with import ./nixpkgs { inherit system; };

    let
      nix = pkgs.nix;

      perlDeps = buildEnv {
        name = "build-farm-perl-deps";
        paths = with perlPackages; [
          nix
          nix.perl-bindings
          Catalyst
          DBDPg
          JSONXS
        ];
      };
    in

    stdenv.mkDerivation {
      pname = "build-farm";
      version = "1.0";
      nativeBuildInputs = [
        makeWrapper
        pkg-config
      ];
      buildInputs = [
        nix
        perl
        perlDeps
        postgresql
      ];
    }
  );
}
