import { nixString } from '../nix/nixString.ts';
import { pathExpression } from '../nix/pathExpressions.ts';
import { sharedSets } from './sharedSets.ts';

/**
 * The Nix side of how one Nix that stays shares what it made of a NixOS system:
 * a function in the place of `import`. Every system makes its package set and
 * its manual itself, of what its modules say: these two take most of the time.
 *
 * Of `nixos/lib/eval-config.nix` and `nixos` it gives what they are, but for two
 * files of their modules in which `import` is another function. `nixpkgs.nix`
 * gets its package set from {@link sharedSets}. `documentation.nix` gets the
 * manual of the evaluation before, where that is made of the same: the same
 * package set, and modules of nixpkgs alone, to which neither evaluation gives
 * an argument that is not nixpkgs's own. Later versions hand all options to the
 * manual: there it is made anew.
 *
 * The root of a system carries what it was made with, so that the next
 * evaluation can look at it.
 *
 * @param copies directory of the instrumented copies, of which nothing is shared
 * @param previous a file with the root of an evaluation of the same Nix
 */
export function sharedNixos(copies: string, previous: string | undefined): string {
  const before = previous === undefined ? 'null' : `(import ${pathExpression(previous)}).__nplNixos or null`;
  return `let
  copies = ${nixString(copies)};
  previous = ${before};
${sharedSets}
  called = file: call:
    let
      formals = functionArgs (import file);
      text = concatStringsSep "" (map (name: "\${name}\${if formals.\${name} then " ? null" else ""}, ") (attrNames formals));
    in import (toFile "called.nix" "__npl: { \${text}... }@__given: __npl __given\\n") call;
  evalConfig = tree: file: called file (given:
    let
      lib = import (tree + "/lib");
      modules = scopedImport { import = importModule tree given; } (tree + "/lib/modules.nix") { inherit lib; };
      evaluated = import file (given // { lib = lib // { inherit (modules) evalModules; }; });
      carried = if given ? baseModules then evaluated.config else evaluated.config // {
        system = evaluated.config.system // {
          build = evaluated.config.system.build // {
            toplevel = evaluated.config.system.build.toplevel // {
              __nplNixos = { inherit tree given; inherit (evaluated) config options; args = evaluated._module.args; };
            };
          };
        };
      };
    in
    if given ? lib then import file given
    else evaluated // { config = carried; } // (if evaluated ? lib then { inherit lib; } else { }));
  importModule = tree: given: file:
    let path = plain file; in
    if path == tree + "/nixos/modules/misc/nixpkgs.nix" then
      scopedImport { import = set: if plain set == tree then packageSet set else import set; } file
    else if path == tree + "/nixos/modules/misc/documentation.nix" then documentation tree given file
    else import file;
  documentation = tree: given: file:
    called file (args: scopedImport {
      import = imported:
        if previous != null && plain imported == tree + "/nixos/doc/manual" then made:
          if (tryEval (isManualSame tree given args)).value then previous.config.system.build.manual
          else import imported made
        else import imported;
    } file args);
  stock = [ "pkgs" "utils" "lib" "config" "options" "modulesPath" "specialArgs" ];
  hasOwn = set: any (name: elem name stock) (attrNames set);
  isCallPlain = given:
    all (name: elem name [ "system" "modules" "specialArgs" "extraArgs" "check" "modulesLocation" ]) (attrNames given)
      && !(hasOwn (given.specialArgs or { })) && !(hasOwn (given.extraArgs or { }));
  areOthersPlain = tree: { config, options, ... }:
    let
      definitions = options._module.args.definitions;
      files = options._module.args.files;
      isOwn = file: elem (plain file) [ "\${tree}/nixos/modules/misc/nixpkgs.nix" "\${tree}/nixos/modules/misc/extra-arguments.nix" ];
      isAbsent = value: value._type or "" == "if" && !value.condition;
      isPlain = index:
        let definition = elemAt definitions index; in
        isOwn (elemAt files index) || all (name: !(elem name stock) || isAbsent definition.\${name}) (attrNames definition);
      inherit (config.documentation) nixos;
    in
    all isPlain (genList (index: index) (length definitions))
      && !options.nixpkgs.pkgs.isDefined
      && !nixos.includeAllModules && nixos.extraModuleSources == [ ] && nixos.extraModules or [ ] == [ ];
  isManualSame = tree: given: args:
    previous != null && previous.tree == tree
      && !(functionArgs (import (tree + "/nixos/modules/misc/documentation.nix")) ? options)
      && isCallPlain given && isCallPlain previous.given
      && areOthersPlain tree args && areOthersPlain tree previous
      && catAttrs "callPackage" [ args.pkgs ] == catAttrs "callPackage" [ previous.args.pkgs ]
      && args.config.documentation.nixos == previous.config.documentation.nixos
      && args.config.meta.doc == previous.config.meta.doc
      && args.config.system.nixos.release == previous.config.system.nixos.release
      && previous.config.system.build ? manual;
  importAny = file:
    let
      isPath = typeOf file == "path" || isString file && all (of: !(of ? outputs)) (builtins.attrValues (getContext file));
      path = plain file;
      isIn = tree: substring 0 (stringLength copies) tree != copies
        && pathExists (/. + "\${tree}/lib/modules.nix") && pathExists (/. + "\${tree}/nixos/modules/misc/nixpkgs.nix");
      trees = match "(/[A-Za-z0-9_.+=/-]+)/nixos(/default\\\\.nix|/lib/eval-config\\\\.nix)?" path;
      tree = head trees;
    in
    if !isPath || trees == null || !(isIn tree) then import file
    else if elemAt trees 1 == "/lib/eval-config.nix" then evalConfig tree file
    else scopedImport { import = importAny; } file;
in importAny
`;
}
