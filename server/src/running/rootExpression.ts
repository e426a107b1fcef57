import { splitAttributePath } from '../model/attributePath.ts';
import type { EvaluationArguments } from '../model/target.ts';
import { nixString } from '../nix/nixString.ts';
import { argumentSet } from '../targets/composition.ts';

/**
 * An expression of the derivation that `nix-instantiate` gives for a value: where
 * each function on the way is called once (Nix source: `autoCallFunction`,
 * `findAlongAttrPath`). It fails where the language cannot tell what
 * `nix-instantiate` would do: whether a function without named arguments takes a
 * set, or whether one takes others than it names.
 *
 * @param value an expression of the file's own value
 */
export function rootExpression(value: string, attribute: string, given: EvaluationArguments): string {
  const names = splitAttributePath(attribute).map(nixString).join(' ');
  return `
    let
      given = ${argumentSet(given)};
      called = value:
        if builtins.isFunction value then
          let formals = builtins.functionArgs value; in
          if formals == { } || builtins.removeAttrs given (builtins.attrNames formals) != { }
          then throw "it cannot be told how this function is called"
          else value (builtins.intersectAttrs formals given)
        else if builtins.isAttrs value && value ? __functor
        then throw "it cannot be told how this set is called"
        else value;
      root = called (builtins.foldl' (found: name: (called found).\${name}) ${value} [ ${names} ]);
    in
    if root.type or null == "derivation" then root else throw "it is no derivation"
  `;
}

/** Does the search path lead to copies? A Nix that stays has one search path for all copies. */
export function isSearchPathMoved(plain: EvaluationArguments, copied: EvaluationArguments): boolean {
  return plain.include.join('\0') !== copied.include.join('\0');
}
