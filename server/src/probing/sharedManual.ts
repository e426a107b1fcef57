/**
 * The Nix side of how one Nix that stays shares the manual of a NixOS system:
 * bindings of a `let`, in which `previous` is what the first system was made
 * with, or null.
 *
 * The manual of nixpkgs is made of the options of its own modules. These see
 * nothing of a system but its package set, and what modules give each other as
 * arguments. It is shared where the package set is the same value, and where
 * neither system gives an argument under a name that modules of nixpkgs take:
 * neither at the call of `eval-config.nix` nor in a module. Later versions hand
 * all options of a system to the manual: there it is made anew.
 */
export const sharedManual = `
  documentationOf = tree: /. + "\${tree}/nixos/modules/misc/documentation.nix";
  mayShareManual = tree:
    pathExists (documentationOf tree) && !(functionArgs (import (documentationOf tree)) ? options);

  importForManual = tree: given: args: imported:
    if previous == null || plain imported != tree + "/nixos/doc/manual" then import imported
    else made:
      if (tryEval (isManualSame tree given args)).value then previous.config.system.build.manual
      else import imported made;

  stock = [ "pkgs" "utils" "lib" "config" "options" "modulesPath" "specialArgs" ];
  hasStock = set: any (name: elem name stock) (attrNames set);

  # Is nothing that modules of nixpkgs see given to \`eval-config.nix\`?
  isCallPlain = given:
    all (name: elem name [ "system" "modules" "specialArgs" "extraArgs" "check" "modulesLocation" ]) (attrNames given)
      && !(hasStock (given.specialArgs or { })) && !(hasStock (given.extraArgs or { }));

  areModulesPlain = tree: { config, options, ... }:
    let
      inherit (options._module.args) definitions files;
      own = [ "\${tree}/nixos/modules/misc/nixpkgs.nix" "\${tree}/nixos/modules/misc/extra-arguments.nix" ];
      isAbsent = value: value._type or "" == "if" && !value.condition;
      isPlain = index:
        let definition = elemAt definitions index; in
        elem (plain (elemAt files index)) own
          || all (name: !(elem name stock) || isAbsent definition.\${name}) (attrNames definition);
      inherit (config.documentation) nixos;
    in
    all isPlain (genList (index: index) (length definitions))
      && !options.nixpkgs.pkgs.isDefined
      && !nixos.includeAllModules && nixos.extraModuleSources == [ ] && nixos.extraModules or [ ] == [ ];

  isManualSame = tree: given: args:
    previous.tree == tree && mayShareManual tree
      && isCallPlain given && isCallPlain previous.given
      && areModulesPlain tree args && areModulesPlain tree previous
      # Functions are the same where they are one value in memory.
      && catAttrs "callPackage" [ args.pkgs ] == catAttrs "callPackage" [ previous.args.pkgs ]
      && args.config.documentation.nixos == previous.config.documentation.nixos
      && args.config.meta.doc == previous.config.meta.doc
      && args.config.system.nixos.release == previous.config.system.nixos.release
      && previous.config.system.build ? manual;
`;
