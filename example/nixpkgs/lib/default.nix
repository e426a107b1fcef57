# The functions that the package set and its users need.
let
  inherit (builtins)
    foldl'
    functionArgs
    intersectAttrs
    isFunction
    listToAttrs
    mapAttrs
    ;
in
rec {
  fix =
    f:
    let
      final = f final;
    in
    final;

  # Layers overlays above the function `base` of the final set.
  composeOverlays =
    overlays: base: final:
    foldl' (prev: overlay: prev // overlay final prev) (base final) overlays;

  genAttrs =
    names: f:
    listToAttrs (
      map (name: {
        inherit name;
        value = f name;
      }) names
    );

  optionals = condition: list: if condition then list else [ ];

  isDerivation = value: (value.type or null) == "derivation";

  # Calls a package's function with what its formals name in `scope`.
  callPackageWith =
    scope: package: arguments:
    let
      function = if isFunction package then package else import package;
    in
    function (intersectAttrs (functionArgs function) scope // arguments);

  # Gives each package both of its faces: the one that runs where things are
  # built, and the one that runs where they are used.
  splice =
    buildPackages:
    mapAttrs (
      name: package:
      if isDerivation package then
        package
        // {
          __spliced = {
            buildHost = buildPackages.${name};
            hostTarget = package;
          };
        }
      else
        package
    );
}
