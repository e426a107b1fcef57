/**
 * A module system and a NixOS in small, with nixpkgs's interfaces: modules with
 * `imports`, `options`, priorities and `specialArgs`; `nixos/default.nix` and
 * `nixos/lib/eval-config.nix`. Together they are the tree of a package set.
 *
 * @param packages the text of a package set, a function of `system`
 */
export function nixosTree(packages: string): Readonly<Record<string, string>> {
  return {
    'set.nix': packages,
    'default.nix': `
      { system ? builtins.currentSystem, localSystem ? { inherit system; }, overlays ? [ ], config ? { } }:
      let set = import ./set.nix { inherit (localSystem) system; inherit overlays; };
      in set // { path = ./.; inherit overlays config; lib = set.lib // import ./lib; }
    `,
    'lib/default.nix': lib,
    'nixos/default.nix': `
      { configuration, system ? builtins.currentSystem }:
      import ./lib/eval-config.nix { inherit system; modules = [ configuration ]; }
    `,
    'nixos/lib/eval-config.nix': `
      { system ? builtins.currentSystem, modules, specialArgs ? { } }:
      let
        lib = import ../../lib;
        base = { config, pkgs, lib, ... }: {
          options.networking.hostName = lib.mkOption { default = "nixos"; };
          options.nixpkgs.localSystem = lib.mkOption { default = { inherit system; }; };
          options.nixpkgs.overlays = lib.mkOption { default = [ ]; };
          options.nixpkgs.config = lib.mkOption { default = { }; };
          options.environment.systemPackages = lib.mkOption { default = [ ]; };
          options.system.build = lib.mkOption { default = { }; };
          config.system.build.toplevel = pkgs.stdenv.mkDerivation {
            name = "nixos-system-" + config.networking.hostName;
            activationScript = "echo activated";
            packages = config.environment.systemPackages;
          };
        };
        evaluated = lib.evalModules {
          modules = [ base ] ++ modules;
          specialArgs = { inherit lib; } // specialArgs;
          args = config: { pkgs = import ../.. { inherit (config.nixpkgs) localSystem overlays; }; };
        };
      in
      evaluated // {
        pkgs = import ../.. { inherit (evaluated.config.nixpkgs) localSystem overlays; };
        system = evaluated.config.system.build.toplevel;
      }
    `,
  };
}

const lib = `
let
  inherit (builtins) all attrNames catAttrs concatLists concatMap filter foldl' head isAttrs isFunction isList length listToAttrs mapAttrs;
  last = list: builtins.elemAt list (length list - 1);
  names = sets: attrNames (foldl' (a: b: a // b) { } sets);
  zip = f: sets: listToAttrs (map (name: { inherit name; value = f name (catAttrs name sets); }) (names sets));
  priority = value: if isAttrs value && (value._type or "") == "override" then value.priority else 100;
  content = value: if isAttrs value && (value._type or "") == "override" then value.content else value;
  strongest = values:
    let best = foldl' (a: v: if priority v < a then priority v else a) 9999 values;
    in map content (filter (v: priority v == best) values);
  mergePlain = values:
    if all isList values then concatLists values
    else if length values > 1 && all (v: isAttrs v && !(v ? outPath)) values then zip (_: vs: mergePlain (strongest vs)) values
    else last values;
  attrsOf = type: {
    merge = location: definitions: zip
      (name: vs: type.merge (location ++ [ name ]) (map (value: { inherit value; }) (strongest vs)))
      (map (d: d.value) definitions);
  };
  isOption = o: isAttrs o && (o._type or "") == "option";
  valueOf = option: definitions:
    let
      values = strongest definitions;
      merged =
        if values == [ ] then option.default
        else if option ? type then option.type.merge [ ] (map (value: { inherit value; }) values)
        else mergePlain values;
    in (option.apply or (v: v)) merged;
  configOf = options: configs: mapAttrs
    (name: option:
      let defined = concatMap (c: if c ? \${name} then [ c.\${name} ] else [ ]) configs; in
      if isOption option then valueOf option defined else configOf option defined)
    options;
  mergeOptions = sets: zip (_: os: if isOption (head os) then head os else mergeOptions os) sets;
in
rec {
  inherit last attrsOf;
  types = { inherit attrsOf; };
  mkOption = o: { _type = "option"; } // o;
  mkOptionType = type: type;
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkDefault = mkOverride 1000;
  mkOptionDefault = mkOverride 1500;
  mkForce = mkOverride 50;
  mkBefore = value: value;
  version = "20.09";
  versionAtLeast = one: other: builtins.compareVersions one other >= 0;
  evalModules = { modules, specialArgs ? { }, args ? (_: { }) }:
    let
      given = args config // specialArgs // { inherit config; };
      load = m:
        let
          value = if isAttrs m || isFunction m then m else import m;
          set = if isFunction value then value (builtins.intersectAttrs (builtins.functionArgs value) given // specialArgs // { inherit config; } // (if builtins.functionArgs value ? pkgs then { inherit (given) pkgs; } else { })) else value;
        in [ set ] ++ concatMap load (set.imports or [ ]);
      loaded = concatMap load modules;
      options = mergeOptions (map (m: m.options or { }) loaded);
      config = configOf options (map (m: if m ? config || m ? options then m.config or { } else removeAttrs m [ "imports" "_file" "key" ]) loaded);
    in { inherit config options; };
}
`;
