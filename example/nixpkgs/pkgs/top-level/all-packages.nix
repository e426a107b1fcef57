# All packages, by name.
pkgs:
let
  inherit (pkgs) callPackage stdenv;

  # A package that needs nothing special.
  simple =
    pname: version: buildInputs:
    stdenv.mkDerivation { inherit pname version buildInputs; };
in
with pkgs;
{
  buildEnv = callPackage ../build-env.nix { };

  # Tools
  pkg-config = simple "pkg-config" "0.29.2" [ ];
  makeWrapper = simple "make-wrapper" "1.0" [ ];
  flex = simple "flex" "2.6.4" [ ];
  bison = simple "bison" "3.8.2" [ ];
  perl = simple "perl" "5.38.2" [ libxcrypt ];

  # Libraries
  libxcrypt = simple "libxcrypt" "4.4.36" [ ];
  zlib = simple "zlib" "1.3.1" [ ];
  bzip2 = simple "bzip2" "1.0.8" [ ];
  xz = simple "xz" "5.4.6" [ ];
  boost = simple "boost" "1.81.0" [
    bzip2
    zlib
  ];
  ncurses = simple "ncurses" "6.4" [ ];
  editline = simple "editline" "1.17.1" [ ncurses ];
  openssl = simple "openssl" "3.0.13" [ ];
  nghttp2 = simple "nghttp2" "1.60.0" [ ];
  curl = simple "curl" "8.7.1" [
    nghttp2
    openssl
    zlib
  ];
  sqlite = simple "sqlite" "3.45.2" [ zlib ];
  darwin.Security = simple "apple-framework-Security" "11.0.0" [ ];

  # Programs
  postgresql = callPackage ../postgresql.nix { };
  nix = callPackage ../nix.nix { };
  perlPackages = callPackage ../perl-packages.nix { };
}
