/**
 * Nix text that stands in for the tools which deploy machines: they need not be
 * installed, and what they build is what is evaluated here, except for the
 * services that they add to carry secrets.
 */

/** A package set's source, from its path, its source with an `outPath`, or the packages themselves. */
const sourceOf = `
  sourceOf = given: if builtins.isAttrs given && given ? path && given ? lib then given.path else given;
`;

/**
 * A module that takes whatever is said of the deployment, with the defaults of
 * NixOps and colmena for what other modules like to read. Works without
 * freeform modules, which nixpkgs has since 20.09.
 */
const deploymentModule = `
  deploymentModule = name: { lib, ... }:
    let
      isSet = value: builtins.isAttrs value && !(value ? outPath);
      anything = lib.mkOptionType {
        name = "anything";
        check = _: true;
        merge = location: definitions:
          let values = map (definition: definition.value) definitions; in
          if builtins.all isSet values then ((lib.types.lazyAttrsOf or lib.types.attrsOf) anything).merge location definitions
          else if builtins.all builtins.isList values then builtins.concatLists values
          else lib.last values;
      };
      key = name: given: { destDir = "/run/keys"; user = "root"; group = "root"; permissions = "0600"; } // given
        // { path = given.path or ((given.destDir or "/run/keys") + "/" + name); };
      defaults = {
        targetHost = name; targetPort = 22; targetEnv = "none"; targetUser = "root"; tags = [ ];
        alwaysActivate = true; hasFastConnection = false; provisionSSHKey = true; storeKeysOnMachine = false;
      };
    in
    {
      options.deployment = lib.mkOption {
        type = anything;
        default = { };
        visible = false;
        internal = true;
        apply = given: defaults // given // { keys = builtins.mapAttrs key (given.keys or { }); };
      };
    };
`;

/**
 * A function from a network, the function that calls its files, the default
 * nixpkgs and deployment arguments to its machines (NixOps source:
 * `nix/eval-machine-info.nix`).
 */
export const networkMachines = `
  main: call: packageSet: arguments:
  let
    ${sourceOf}
    ${deploymentModule}
    read = file: call (import file);
    withRequired = network: [ network ] ++ builtins.concatMap (file: withRequired (read file)) (network.require or [ ]);
    networks = withRequired main;
    given = name: builtins.concatMap (network: if network ? \${name} then [ network.\${name} ] else [ ]) networks;
    about = builtins.foldl' (all: more: all // more) { } (given "network");
    nixpkgs = sourceOf (about.nixpkgs or packageSet);
    names = builtins.attrNames (removeAttrs (builtins.foldl' (all: more: all // more) { } networks)
      [ "network" "defaults" "resources" "require" "nixpkgs" "_file" "__functor" ]);
    resources = builtins.foldl' (all: more: all // more) { } (given "resources")
      // { machines = builtins.mapAttrs (_: node: node.config) nodes; };
    machine = name: import (nixpkgs + "/nixos/lib/eval-config.nix") {
      modules = given name ++ given "defaults" ++ [
        (deploymentModule name)
        ({ lib, ... }: {
          networking.hostName = lib.mkOverride 900 name;
          deployment = { name = "network"; uuid = "00000000-0000-0000-0000-000000000000"; inherit arguments; };
        })
      ];
      specialArgs = {
        inherit name nodes resources;
        uuid = "00000000-0000-0000-0000-000000000000";
        deploymentName = "network";
      };
    };
    nodes = builtins.listToAttrs (map (name: { inherit name; value = machine name; }) names);
  in
  nodes
`;

/**
 * A function from a hive and the default nixpkgs to its nodes (colmena source:
 * `src/nix/hive/eval.nix`).
 */
export const hiveNodes = `
  raw: packageSet:
  let
    ${sourceOf}
    ${deploymentModule}
    hive = if builtins.isFunction raw || raw ? __functor then raw { } else raw;
    meta = hive.meta or (hive.network or { });
    packagesOf = given:
      if builtins.isFunction given then packagesOf (given { overlays = [ ]; })
      else if builtins.isAttrs given && !(given ? outPath) then given
      else packagesOf (import given);
    common = packagesOf (meta.nixpkgs or packageSet);
    node = name:
      let
        packages = if (meta.nodeNixpkgs or { }) ? \${name} then packagesOf meta.nodeNixpkgs.\${name} else common;
        typed = packages.lib.versionAtLeast (packages.lib.version or "0") "22.11pre";
        own = hive.\${name};
      in
      import (sourceOf packages + "/nixos/lib/eval-config.nix") {
        system = packages.system or packages.stdenv.hostPlatform.system;
        modules = [
          ({ lib, ... }: {
            nixpkgs.overlays = lib.mkBefore (packages.overlays or [ ]);
            nixpkgs.config = (if typed then lib.mkBefore else lib.mkOptionDefault) (packages.config or { });
          })
          (deploymentModule name)
          (hive.defaults or { })
        ] ++ (if builtins.isList own then own else [ own ]);
        specialArgs = (meta.specialArgs or { }) // ((meta.nodeSpecialArgs or { }).\${name} or { }) // { inherit name nodes; };
      };
    names = builtins.attrNames (removeAttrs hive [ "meta" "network" "defaults" "__functor" ]);
    nodes = builtins.listToAttrs (map (name: { inherit name; value = node name; }) names);
  in
  nodes
`;
