# The standard environment: where a package is built, where it runs, and how.
{
  lib,
  buildPlatform,
  hostPlatform,
}:

let
  isCross = hostPlatform != buildPlatform;
  kernel = if buildPlatform.isDarwin then "darwin" else "linux";

  run = script: {
    inherit (buildPlatform) system;
    builder = "/bin/sh";
    args = [
      "-e"
      script
    ];
  };

  bootstrapTools = derivation (run ./describe.sh // { name = "bootstrap-tools"; });

  environment = derivation (
    run ./describe.sh
    // {
      name = "stdenv-${kernel}";
      inherit bootstrapTools;
    }
  );

  # What runs while a package is built has the face of the build platform.
  forBuild = map (package: package.__spliced.buildHost or package);

  mkDerivation =
    attributes@{
      pname,
      version,
      nativeBuildInputs ? [ ],
      buildInputs ? [ ],
      configureFlags ? [ ],
      passthru ? { },
      ...
    }:
    derivation (
      removeAttrs attributes [ "passthru" ]
      // run ./describe.sh
      // {
        name = if isCross then "${pname}-${hostPlatform.config}-${version}" else "${pname}-${version}";
        inherit stdenv;
        nativeBuildInputs = forBuild nativeBuildInputs;
        inherit buildInputs;
        configureFlags =
          configureFlags
          ++ lib.optionals isCross [
            "--build=${buildPlatform.config}"
            "--host=${hostPlatform.config}"
          ];
      }
    )
    // passthru
    // {
      overrideAttrs = change: mkDerivation (attributes // change attributes);
    };

  stdenv = environment // {
    inherit buildPlatform hostPlatform mkDerivation;
    inherit (hostPlatform) isDarwin isLinux;
  };
in
stdenv
