{
  stdenv,
  nix,
  perl,
  perlPackages,
  pkg-config,
}:

stdenv.mkDerivation {
  pname = "nix-perl";
  inherit (nix) version;
  nativeBuildInputs = [
    perl
    pkg-config
  ];
  buildInputs = [
    nix
    perl
    perlPackages.DBI
    perlPackages.DBDSQLite
  ];
}
