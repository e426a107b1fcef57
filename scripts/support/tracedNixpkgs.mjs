import { constants, cpSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Starts each trace of {@link traceMkDerivation}. */
export const traceMark = 'platforms-of';

/** Where `mkDerivation` is defined: in nixpkgs, and in package sets that grew out of it. */
const definitions = ['pkgs/stdenv/generic/make-derivation.nix', 'stdenv/generic/make-derivation.nix'];

/**
 * Copies a nixpkgs, but for its `mkDerivation`: that of the copy says of each
 * derivation for which platforms its `stdenv` is. What it evaluates to is the
 * same, to the hash: only the global `derivation` of that one file is another.
 *
 * @param {string} nixpkgs
 * @param {string} directory
 * @throws {Error} where that file is not in the tree
 */
export function traceMkDerivation(nixpkgs, directory) {
  const definition = definitions.find((file) => existsSync(join(nixpkgs, file)));
  if (definition === undefined) throw new Error(`${nixpkgs}: expected one of ${definitions.join(', ')}`);
  cpSync(nixpkgs, directory, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (source) => basename(source) !== '.git',
  });
  const file = join(directory, definition);
  renameSync(file, `${file}.original`);
  writeFileSync(file, tracing);
}

/** `derivation` as Nix defines it (Nix source, `derivation.nix`), with one trace for each. */
const tracing = `
let
  platformsOf = stdenv: builtins.concatStringsSep " " (map (platform: platform.system + " " + (platform.config or "?"))
    [ stdenv.buildPlatform stdenv.hostPlatform stdenv.targetPlatform ]);
  traced = attrs:
    let strict = builtins.derivationStrict attrs;
    in builtins.seq strict.drvPath (builtins.trace
      ("${traceMark} " + builtins.unsafeDiscardStringContext strict.drvPath + " " + platformsOf attrs.stdenv)
      strict);
  derivation = attrs @ { outputs ? [ "out" ], ... }:
    let
      strict = traced attrs;
      common = attrs // builtins.listToAttrs list // { all = map (x: x.value) list; drvAttrs = attrs; };
      list = map (name: {
        inherit name;
        value = common // {
          outPath = builtins.getAttr name strict;
          drvPath = strict.drvPath;
          type = "derivation";
          outputName = name;
        };
      }) outputs;
    in (builtins.head list).value;
in builtins.scopedImport { inherit derivation; } ./make-derivation.nix.original
`;
