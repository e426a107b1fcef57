{
  stdenv,
  makeWrapper,
  pkg-config,
  openssl,
  zlib,
}:

stdenv.mkDerivation {
  pname = "postgresql";
  version = "15.6";
  nativeBuildInputs = [
    makeWrapper
    pkg-config
  ];
  buildInputs = [
    openssl
    zlib
  ];
}
