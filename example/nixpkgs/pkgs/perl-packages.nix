{
  stdenv,
  perl,
  postgresql,
  sqlite,
}:

let
  module =
    name: version: buildInputs:
    stdenv.mkDerivation {
      pname = "perl-${name}";
      inherit version;
      nativeBuildInputs = [ perl ];
      buildInputs = [ perl ] ++ buildInputs;
    };
in
rec {
  DBI = module "DBI" "1.643" [ ];
  DBDPg = module "DBD-Pg" "3.18.0" [
    DBI
    postgresql
  ];
  DBDSQLite = module "DBD-SQLite" "1.74" [
    DBI
    sqlite
  ];
  JSONXS = module "JSON-XS" "4.03" [ ];
  Catalyst = module "Catalyst-Runtime" "5.90131" [ JSONXS ];
}
