import type { Lambda } from '../../syntax/ast.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';
import { absoluteText } from './absoluteText.ts';

/** The names that a function binds. */
export function functionNames({ formals = [], parameter }: Lambda): string[] {
  return [...formals.map(({ name }) => name.name), ...(parameter ? [parameter.name] : [])];
}

/**
 * A function that is called like another and gives back what it is called with,
 * as a set of the names that it binds: defaults and all are as Nix fills them in.
 */
export function capturingFunction(source: SourceFile, lambda: Lambda): string {
  const head = absoluteText(source, { start: lambda.start, end: lambda.body.start });
  return `${head} { ${captured} = { inherit ${functionNames(lambda).join(' ')}; }; }`;
}

/** Under this name a capturing function's result holds what it was called with. */
export const captured = '__npl_captured';

/**
 * An expression of all that capturing functions caught, as a list: they are
 * looked for where functions usually put what they are given, in sets and lists
 * to a small depth.
 */
export function capturedIn(value: string): string {
  return `(
    let
      first = builtins.genList;
      take = number: list: first (builtins.elemAt list) (if builtins.length list < number then builtins.length list else number);
      search = depth: unsafe:
        let seen = builtins.tryEval unsafe; in
        if !seen.success then [ ]
        else if builtins.isList seen.value then
          if depth == 0 then [ ] else builtins.concatMap (search (depth - 1)) (take 32 seen.value)
        else if !(builtins.isAttrs seen.value) then [ ]
        else if seen.value ? ${captured} then [ seen.value.${captured} ]
        else if depth == 0 || seen.value ? drvPath then [ ]
        else builtins.concatMap (name: search (depth - 1) seen.value.\${name}) (take 32 (builtins.attrNames seen.value));
    in
    take ${mostCaptured} (search 3 (${value}))
  )`;
}

/** Calls of one function that are told apart. */
export const mostCaptured = 6;
