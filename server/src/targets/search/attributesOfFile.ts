import * as z from 'zod';
import { splitAttributePath } from '../../model/attributePath.ts';
import { evaluateExpression, type EvaluateOptions, type FileEvaluation } from '../../nix/evaluate.ts';
import type { NixInstallation } from '../../nix/installation.ts';
import { nixString } from '../../nix/nixString.ts';
import { pathExpression } from '../../nix/pathExpressions.ts';
import { argumentSet } from '../composition.ts';
import { noArguments } from './found.ts';

/** Of very many attributes the first ones are told. */
export const mostAttributes = 400;

const attributeNames = z.array(z.string());
const attributePaths = z.array(attributeNames);

/** As other evaluations are run; a relative path starts at `cwd`. */
type AskOptions = EvaluateOptions & { readonly cwd: string };

/**
 * The attribute paths below the value of a file's attribute whose values are
 * derivations, to a depth of three; the empty path where it is one itself.
 *
 * @throws NixFailure
 */
export async function derivationsIn(
  nix: NixInstallation,
  of: FileEvaluation,
  options: AskOptions,
): Promise<string[][]> {
  return attributePaths.parse(await ask(nix, derivationsExpression(of), of, options));
}

/**
 * The names in the value of a file's attribute, whatever they stand for; none in a derivation.
 *
 * @throws NixFailure
 */
export async function namesIn(
  nix: NixInstallation,
  of: FileEvaluation,
  options: AskOptions,
): Promise<string[]> {
  return attributeNames.parse(await ask(nix, namesExpression(of), of, options));
}

function ask(
  nix: NixInstallation,
  expression: string,
  { arguments: { include, option } }: FileEvaluation,
  options: AskOptions,
): Promise<unknown> {
  return evaluateExpression(nix, expression, { ...options, arguments: { ...noArguments, include, option } });
}

/** The value of a file's attribute; the file is called with what is given where it is a function. */
export function valueOf({ file, attribute, arguments: given }: FileEvaluation): string {
  const path = attribute === '' ? [] : splitAttributePath(attribute);
  return `(
    let value = import ${pathExpression(file)}; in
    if builtins.isFunction value
    then value (builtins.intersectAttrs (builtins.functionArgs value) ${argumentSet(given)})
    else value
  )${path.map((name) => `.${nixString(name)}`).join('')}`;
}

/** The names in a value, without evaluating what they stand for; none in a derivation. */
function namesExpression(of: FileEvaluation): string {
  return `
    let value = ${valueOf(of)}; in
    if builtins.isAttrs value && !(value ? drvPath) then builtins.attrNames value else [ ]
  `;
}

/** Lists, to a depth of three, the attribute paths whose values are derivations. */
function derivationsExpression(of: FileEvaluation): string {
  return `
    let
      list = depth: path: value:
        let seen = builtins.tryEval value; in
        if !seen.success || !(builtins.isAttrs seen.value) then [ ]
        else if seen.value ? drvPath then [ path ]
        else if depth == 0 || (depth < 3 && seen.value ? stdenv) then [ ]
        else builtins.concatMap (name: list (depth - 1) (path ++ [ name ]) (let v = seen.value.\${name}; in if builtins.isFunction v then null else v)) (builtins.attrNames seen.value);
      value = ${valueOf(of)};
      # An error of the file's own value is told, those of its attributes are theirs.
      all = builtins.seq value (list 3 [ ] value);
    in
    builtins.genList (builtins.elemAt all) (if builtins.length all < ${mostAttributes} then builtins.length all else ${mostAttributes})
  `;
}
