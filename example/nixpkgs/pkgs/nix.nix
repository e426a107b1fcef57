{
  stdenv,
  lib,
  callPackage,
  pkg-config,
  flex,
  bison,
  boost,
  curl,
  darwin,
  editline,
  openssl,
  sqlite,
  xz,
}:

let
  nix = stdenv.mkDerivation {
    pname = "nix";
    version = "2.18.2";
    nativeBuildInputs = [
      pkg-config
      flex
      bison
    ];
    buildInputs = [
      boost
      curl
      editline
      openssl
      sqlite
      xz
    ]
    ++ lib.optionals stdenv.isDarwin [ darwin.Security ];
    passthru.perl-bindings = callPackage ./nix-perl.nix { inherit nix; };
  };
in
nix
