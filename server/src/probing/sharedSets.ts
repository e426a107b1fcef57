/**
 * The Nix side of how one Nix that stays shares a package set among evaluations
 * whose arguments it cannot see in a text: bindings of a `let`.
 *
 * `packageSet tree given` is `import tree given`. Where all arguments are
 * constants, and platforms that the tree's own `lib` has elaborated, they are
 * written into a file, which one Nix evaluates once: a file with the same
 * arguments is the same value. A platform has functions. It is shared only
 * where `elaborate` makes one of its constants that has the same constants and
 * whose functions stand at the same places of the tree; those are made of
 * nothing else.
 */
export const sharedSets = `
  inherit (builtins) all any attrNames attrValues catAttrs concatStringsSep elem elemAt filter functionArgs
    genList getContext head isFunction isString length listToAttrs mapAttrs match pathExists replaceStrings
    scopedImport stringLength substring toFile tryEval typeOf unsafeGetAttrPos;
  plain = path: builtins.unsafeDiscardStringContext (toString path);

  # A constant as it can be written in a file.
  quoted = text: "\\"" + replaceStrings [ "\\\\" "\\"" "$" "\\r" ] [ "\\\\\\\\" "\\\\\\"" "\\\\$" "\\\\r" ] text + "\\"";
  written = depth: value:
    let type = typeOf value; in
    if depth > 12 then throw "it is too deep"
    else if type == "string" && getContext value == { } then quoted value
    else if type == "int" || type == "null" || type == "bool" then builtins.toJSON value
    else if type == "list" then "[ \${concatStringsSep " " (map (one: "(\${written (depth + 1) one})") value)} ]"
    else if type == "set" && !(value ? drvPath) then writtenSet (mapAttrs (name: written (depth + 1)) value)
    else throw "it is no constant";
  writtenSet = texts: "{ \${concatStringsSep "" (map (name: "\${quoted name} = \${texts.\${name}}; ") (attrNames texts))}}";

  # Are two values the same, where functions are if they stand at one place?
  isSame = one: other:
    let type = typeOf one; in
    type == typeOf other && (
      if type == "set" then
        attrNames one == attrNames other && all (name: isSameAttribute name one other) (attrNames one)
      else if type == "list" then
        length one == length other
          && all (index: isSame (elemAt one index) (elemAt other index)) (genList (index: index) (length one))
      else type != "lambda" && one == other
    );
  isSameAttribute = name: one: other:
    if isFunction one.\${name} then
      isFunction other.\${name} && unsafeGetAttrPos name one != null
        && unsafeGetAttrPos name one == unsafeGetAttrPos name other
    else isSame one.\${name} other.\${name};

  writtenSystem = tree: system:
    let
      isKept = name: name != "parsed" && name != "_withoutFunctions" && !(isFunction system.\${name});
      keep = name: { inherit name; value = system.\${name}; };
      text = written 0 (listToAttrs (map keep (filter isKept (attrNames system))));
      again = (import (tree + "/lib")).systems.elaborate (import (toFile "system.nix" text));
      constant = tryEval (written 0 system);
    in
    if constant.success then constant.value
    else if isSame again system then text
    else throw "it is no elaborated system";

  packageSet = tree: given:
    let
      systems = { localSystem = null; crossSystem = null; };
      write = name: if systems ? \${name} then writtenSystem tree else written 0;
      text = tryEval ("import \${plain tree} \${writtenSet (mapAttrs write given)}\\n");
    in
    if text.success then import (toFile "package-set.nix" text.value) else import tree given;
`;
