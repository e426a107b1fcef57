/**
 * A module system in small, as a Nix expression, with the mechanisms of
 * nixpkgs's: modules are paths, functions or sets, they import one another,
 * declare options with types, and define values that conditions, priorities and
 * merges stand around until an option is read.
 */
export const moduleSystem = `
rec {
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkForce = mkOverride 50;
  mkDefault = mkOverride 1000;
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOption = option: option // { _type = "option"; };
  isType = type: value: builtins.isAttrs value && value._type or "" == type;

  types =
    let
      one = path: values: if builtins.length values == 1 then builtins.head values else throw "\${path} is defined \${toString (builtins.length values)} times";
      checked = check: path: value: if check value then value else throw "\${path} has the wrong type";
    in {
      anything = { merge = one; };
      str = { merge = path: values: checked builtins.isString path (one path values); };
      package = { merge = path: values: checked (value: value.type or "" == "derivation") path (one path values); };
      listOf = element: { merge = path: values: map (value: element.merge path [ value ]) (builtins.concatLists values); };
      attrsOf = element: {
        merge = path: values:
          builtins.mapAttrs (name: defined: element.merge "\${path}.\${name}" (prevailing (builtins.concatMap discharge defined)))
            (builtins.zipAttrsWith (name: defined: defined) (builtins.concatMap pushDown values));
      };
    };

  discharge = value:
    if isType "merge" value then builtins.concatMap discharge value.contents
    else if isType "if" value then (if value.condition then discharge value.content else [ ])
    else if isType "override" value then map (definition: definition // { inherit (value) priority; }) (discharge value.content)
    else [ { priority = 100; inherit value; } ];

  prevailing = definitions:
    let best = builtins.foldl' (least: { priority, ... }: if priority < least then priority else least) 9999 definitions;
    in map ({ value, ... }: value) (builtins.filter ({ priority, ... }: priority == best) definitions);

  pushDown = config:
    if isType "merge" config then builtins.concatMap pushDown config.contents
    else if isType "if" config then map (builtins.mapAttrs (name: mkIf config.condition)) (pushDown config.content)
    else if isType "override" config then map (builtins.mapAttrs (name: mkOverride config.priority)) (pushDown config.content)
    else [ config ];

  mergeOptions = trees:
    builtins.zipAttrsWith (name: values: if isType "option" (builtins.head values) then builtins.head values else mergeOptions values) trees;

  readOptions = prefix: options: configs:
    builtins.mapAttrs (name: option:
      let
        path = prefix + name;
        defined = builtins.concatMap (config: if config ? \${name} then [ config.\${name} ] else [ ]) (builtins.concatMap pushDown configs);
        values = prevailing (builtins.concatMap discharge defined);
      in
      if isType "option" option
      then (if values == [ ] then option.default or (throw "\${path} has no value") else option.type.merge path values)
      else readOptions "\${path}." option defined
    ) options;

  evalModules = { modules, specialArgs ? { } }:
    let
      arguments = { inherit config options; lib = moduleSystem; } // specialArgs;
      load = module:
        let
          imported = if builtins.isPath module || builtins.isString module then import module else module;
          value = if builtins.isFunction imported then imported (if builtins.functionArgs imported == { } then arguments else builtins.intersectAttrs (builtins.functionArgs imported) arguments) else imported;
          parts = if value ? config || value ? options then value
            else { config = removeAttrs value [ "imports" ]; imports = value.imports or [ ]; };
        in [ parts ] ++ builtins.concatMap load (parts.imports or [ ]);
      all = builtins.concatMap load modules;
      options = mergeOptions (map (part: part.options or { }) all);
      config = readOptions "" options (map (part: part.config or { }) all);
    in { inherit config options; };

  moduleSystem = { inherit mkOverride mkForce mkDefault mkIf mkMerge mkOption types evalModules; };
}
`;
