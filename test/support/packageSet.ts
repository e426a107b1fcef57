import { imagesInSmall } from './imagesInSmall.ts';
import { moduleSystem } from './moduleSystem.ts';

/**
 * A package set in small, with nixpkgs's mechanisms: a fixpoint with overlays,
 * callPackage, a stdenv that names its platforms, phases, splicing, several outputs,
 * override and overrideAttrs. It lies outside the workspace under test, as
 * nixpkgs does.
 */
export const packageSet = `
{ system ? builtins.currentSystem, crossSystem ? system, targetSystem ? crossSystem, overlays ? [ ], spliced ? null }:
let
  fix = f: let x = f x; in x;
  compose = f: g: final: prev: let p = f final prev; in p // g final (prev // p);
  platforms = { buildPlatform.system = system; hostPlatform.system = crossSystem; targetPlatform.system = targetSystem; };

  make = overrides: args:
    let
      given = if builtins.isFunction args then args final else args;
      attributes = given // overrides;
      outputs = attributes.outputs or [ "out" ];
      splice = input: input.__spliced.buildHost or input;
      drv = derivation (removeAttrs attributes [ "passthru" "meta" ] // {
        inherit system outputs;
        builder = "/bin/sh";
        args = [ "-c" ''
          genericBuild() { eval "$buildCommand"; eval "$buildPhase"; eval "$installPhase"; }
          genericBuild
          echo built > $out
        '' ];
        stdenv = platforms // { outPath = "/stdenv-" + system; };
        nativeBuildInputs = map splice (attributes.nativeBuildInputs or [ ]);
        configureFlags = (attributes.configureFlags or [ ])
          ++ (if system == crossSystem then [ ] else [ "--build=\${system}" "--host=\${crossSystem}" ]);
      });
      extra = {
        overrideAttrs = f: make (overrides // (if builtins.isFunction f then f attributes else f)) args;
        version = attributes.version or "1";
        inherit (attributes) name;
      } // (attributes.passthru or { });
      extend = output: output // extra // builtins.listToAttrs (map (name: { inherit name; value = output.\${name} // extra; }) outputs);
      final = extend drv;
    in final;

  stdenv = platforms // { inherit system; mkDerivation = make { }; };

  callPackageWith = scope: file: given:
    let
      f = if builtins.isFunction file then file else import file;
      wanted = builtins.intersectAttrs (builtins.functionArgs f) scope;
      call = more: f (wanted // given // more);
      result = call { };
    in result // { override = more: call (if builtins.isFunction more then more given else more); };

  buildTool = derivation { name = "rsync"; inherit system; builder = "/bin/sh"; stdenv = "/stdenv-" + system; };
  simple = name: more: stdenv.mkDerivation ({ inherit name; } // more);

  base = final: {
    inherit stdenv system;
    lib = (${moduleSystem}).moduleSystem // {
      makeScope = newScope: f:
        let self = f self // { callPackage = newScope self; };
        in self;
      optional = c: x: if c then [ x ] else [ ];
      optionals = c: x: if c then x else [ ];
      makeBinPath = packages: builtins.concatStringsSep ":" (map (p: "\${p}/bin") packages);
    };
    inherit ((${imagesInSmall}) { inherit final simple; hostSystem = crossSystem; tool = buildTool; }) writeText writeShellScript dockerTools nix2container;
    pkgs = final;
    callPackage = callPackageWith (final // { inherit (final) pkgs; } // (if spliced == null then { } else spliced final));
    newScope = scope: callPackageWith (final // scope);
    buildEnv = { name, paths }: simple name { inherit paths; };
    symlinkJoin = { name, paths }: simple name { inherit paths; };
    runCommand = name: env: buildCommand: simple name (env // { inherit buildCommand; });
    hello = simple "hello" { };
    nix = simple "nix" { outputs = [ "out" "dev" ]; passthru.perl-bindings = simple "nix-perl" { nix = final.nix; }; };
    vim = simple "vim" { };
    git = simple "git" { buildInputs = [ final.hello ]; };
    jq = simple "jq" { };
    careless = simple "careless" { nativeBuildInputs = [ final.hello ]; };
    cc = simple "cc-wrapper" { suffixSalt = builtins.replaceStrings [ "-" ] [ "_" ] targetSystem; };
    perlPackages = { LWP = simple "perl-LWP" { }; JSON = simple "perl-JSON" { }; };
  };
in
fix (builtins.foldl' (f: overlay: final: let prev = f final; in prev // overlay final prev) base overlays)
`;
