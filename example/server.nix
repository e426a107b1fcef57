# What is installed on the build farm's server. Nothing is wrong here: there is
# one package set, and it knows its system wherever it is evaluated.

{
  system ? "x86_64-linux",
}:

let
  pkgs = import ./nixpkgs {
    inherit system;
    overlays = [
      (final: prev: {
        # `prev` and `final` belong to the same system as the set they change.
        postgresql = prev.postgresql.overrideAttrs (old: {
          buildInputs = old.buildInputs ++ [ final.xz ];
        });
      })
    ];
  };
in
with pkgs;

buildEnv {
  name = "build-farm-server";
  paths = [
    nix
    postgresql
    sqlite
    perlPackages.DBDPg
  ];
}
