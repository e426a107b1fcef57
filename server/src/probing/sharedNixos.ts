import { nixString } from '../nix/nixString.ts';
import { pathExpression } from '../nix/pathExpressions.ts';
import { sharedManual } from './sharedManual.ts';
import { sharedSets } from './sharedSets.ts';

/**
 * The Nix side of how one Nix that stays shares what it made of a NixOS system.
 * Every system makes its package set and its manual itself, of what its modules
 * say: these two take most of the time. Two functions:
 *
 * - `file`, in the place of `import`: of `nixos/lib/eval-config.nix` and `nixos` it
 *   gives what they are, but for two of their modules, in which `import` is another
 *   function. `nixpkgs.nix` gets its package set from {@link sharedSets}, and
 *   `documentation.nix` the manual from {@link sharedManual}.
 * - `inputs`, for the inputs of a flake: `lib.nixosSystem` of a nixpkgs is what
 *   its `flake.nix` gives with that `import`.
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
${sharedManual}
  # A function with the formals of that in a file.
  called = file: call:
    let
      formals = functionArgs (import file);
      formal = name: "\${name}\${if formals.\${name} then " ? null" else ""}, ";
      head = concatStringsSep "" (map formal (attrNames formals));
    in
    import (toFile "called.nix" "__npl: { \${head}... }@__given: __npl __given\\n") call;

  # The lib that \`evalModules\` of a lib hands to modules; null where it is not that of the tree.
  libOfModules = tree: lib:
    let
      told = lib.evalModules { modules = [ ({ lib, ... }: { config._module.args.__npl = lib; }) ]; };
      inner = (told._module or told.config._module).args.__npl;
      isOwn = (unsafeGetAttrPos "evalModules" inner.modules).file == tree + "/lib/modules.nix"
        && catAttrs "evalModules" [ lib ] == catAttrs "evalModules" [ inner.modules ];
    in
    if isOwn then inner else null;

  evalConfig = tree: file: called file (given:
    let
      lib = given.lib or (import (tree + "/lib"));
      inner = if given ? lib then libOfModules tree lib else lib;
      scope = { import = importModule tree given; };
      modules = scopedImport scope (tree + "/lib/modules.nix") { lib = inner; };
      evaluated = import file (given // { lib = lib // { inherit (modules) evalModules; }; });
      carried = evaluated.config // {
        system = evaluated.config.system // {
          build = evaluated.config.system.build // {
            toplevel = evaluated.config.system.build.toplevel // {
              __nplNixos = {
                inherit tree given;
                inherit (evaluated) config options;
                args = evaluated._module.args;
              };
            };
          };
        };
      };
    in
    if inner == null then import file given
    else
      evaluated
        // (if given ? baseModules || !(mayShareManual tree) then { } else { config = carried; })
        // (if evaluated ? lib then { inherit lib; } else { }));

  importModule = tree: given: file:
    let path = plain file; in
    if path == tree + "/nixos/modules/misc/nixpkgs.nix" then
      scopedImport { import = set: if plain set == tree then packageSet set else import set; } file
    else if path == tree + "/nixos/modules/misc/documentation.nix" then
      called file (args: scopedImport { import = importForManual tree given args; } file args)
    else import file;

  isTree = tree:
    match "/[A-Za-z0-9_.+=/-]+" tree != null && substring 0 (stringLength copies) tree != copies
      && pathExists (/. + "\${tree}/lib/modules.nix")
      && pathExists (/. + "\${tree}/nixos/modules/misc/nixpkgs.nix");

  isPath = file:
    typeOf file == "path"
      || isString file && all (of: !(of ? outputs)) (attrValues (getContext file));

  importAny = file:
    let
      found = match "(/.+)/nixos(/default\\\\.nix|/lib/eval-config\\\\.nix)?" (plain file);
      tree = head found;
    in
    if !(isPath file) || found == null || !(isTree tree) then import file
    else if elemAt found 1 == "/lib/eval-config.nix" then evalConfig tree file
    else scopedImport { import = importAny; } file;

  # A flake's input whose \`nixosSystem\` is that of nixpkgs.
  input = flake:
    let
      tree = plain flake.outPath;
      file = scopedImport { import = importAny; } (/. + "\${tree}/flake.nix");
      isNixpkgs = flake ? lib && flake.lib ? nixosSystem && isTree tree && pathExists (/. + "\${tree}/flake.nix")
        && functionArgs (import (/. + "\${tree}/flake.nix")).outputs == { self = false; };
    in
    if isNixpkgs
    then flake // { lib = flake.lib // { inherit ((file.outputs { self = flake; }).lib) nixosSystem; }; }
    else flake;
in {
  file = importAny;
  inputs = mapAttrs (name: input);
}
`;
}
