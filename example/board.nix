# The agent that runs on the build farm's ARM boards, cross-compiled on a PC.
# One of its tools is for the board and not for the PC that has to run it.

let
  pkgs = import ./nixpkgs {
    system = "x86_64-linux";
    crossSystem.system = "aarch64-linux";
  };

  agent =
    {
      stdenv,
      pkg-config,
      curl,
      sqlite,
    }:
    stdenv.mkDerivation {
      pname = "build-farm-agent";
      version = "1.0";
      nativeBuildInputs = [
        pkg-config
        pkgs.flex
      ];
      buildInputs = [
        curl
        sqlite
      ];
    };
in
pkgs.callPackage agent { }
