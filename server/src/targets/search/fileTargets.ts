import { basename, relative } from 'node:path';
import * as z from 'zod';
import { readTextFile } from '../../files/regularFile.ts';
import type { EvaluationArguments } from '../../model/target.ts';
import { evaluateExpression } from '../../nix/evaluate.ts';
import { findAttribute, literalAttributes } from '../../syntax/attributePlace.ts';
import { parseSourceInSlices, rangeIn } from '../../syntax/sourceFile.ts';
import { argumentSet } from '../composition.ts';
import type { NixEnvironment } from '../../nix/nixEnvironment.ts';
import { pathExpression } from '../../nix/pathExpressions.ts';
import { formatAttributePath, noArguments, type FoundTarget, type TargetSearchOptions } from './found.ts';

const maximumAttributes = 400;
const attributeNames = z.array(z.string());
const attributePaths = z.array(attributeNames);

/**
 * The derivations that a file has as attributes. Where one of them fails in a
 * way that Nix code cannot catch, those that the text spells out instead: an
 * evaluation of the one that is wanted tells more.
 *
 * @param directory labels name the file relative to it
 * @throws NixFailure when the file does not evaluate
 */
export async function findFileTargets(
  file: string,
  directory: string,
  given: EvaluationArguments,
  environment: NixEnvironment,
  options: TargetSearchOptions,
): Promise<FoundTarget[]> {
  const evaluate = (expression: string): Promise<unknown> =>
    evaluateExpression(environment.nix, expression, {
      ...options.limits,
      signal: options.signal,
      cwd: directory,
      arguments: { ...noArguments, include: given.include, option: given.option },
    });
  const text = await readTextFile(file);
  const source = await parseSourceInSlices(file, text, environment.parser, options.signal);
  options.onText?.(file, text);
  const paths = await evaluate(fileAttributes(file, given)).then(
    (value) => attributePaths.parse(value),
    async (error: unknown) => {
      options.signal.throwIfAborted();
      // What is no set at all, such as a module that wants arguments, fails here as well.
      const names = new Set(attributeNames.parse(await evaluate(namesOfFile(file, given))));
      const paths = literalAttributes(source).filter(([first]) => first !== undefined && names.has(first));
      if (paths.length === 0) throw error;
      return paths.slice(0, maximumAttributes);
    },
  );
  const name = relative(directory, file) || basename(file);
  return paths.map((path): FoundTarget => {
    const attribute = formatAttributePath(path);
    const place = findAttribute(source, path);
    return {
      target: { kind: 'file', file, attribute, arguments: given },
      label: attribute === '' ? name : `${name} · ${attribute}`,
      description: attribute === '' ? 'the file’s own value' : 'attribute of a file',
      ...(place ? { source: rangeIn(source, place) } : {}),
    };
  });
}

/** A file's value, called with what is given where it is a function. */
function valueOfFile(file: string, given: EvaluationArguments): string {
  return `(
    let value = import ${pathExpression(file)}; in
    if builtins.isFunction value
    then value (builtins.intersectAttrs (builtins.functionArgs value) ${argumentSet(given)})
    else value
  )`;
}

/** The names in a file's value, without evaluating what they stand for; none in a derivation. */
function namesOfFile(file: string, given: EvaluationArguments): string {
  return `
    let value = ${valueOfFile(file, given)}; in
    if builtins.isAttrs value && !(value ? drvPath) then builtins.attrNames value else [ ]
  `;
}

/** Lists, to a depth of three, the attribute paths whose values are derivations. */
function fileAttributes(file: string, given: EvaluationArguments): string {
  return `
    let
      list = depth: path: value:
        let seen = builtins.tryEval value; in
        if !seen.success || !(builtins.isAttrs seen.value) then [ ]
        else if seen.value ? drvPath then [ path ]
        else if depth == 0 || (depth < 3 && seen.value ? stdenv) then [ ]
        else builtins.concatMap (name: list (depth - 1) (path ++ [ name ]) (let v = seen.value.\${name}; in if builtins.isFunction v then null else v)) (builtins.attrNames seen.value);
      value = ${valueOfFile(file, given)};
      # An error of the file's own value is told, those of its attributes are theirs.
      all = builtins.seq value (list 3 [ ] value);
    in
    builtins.genList (builtins.elemAt all) (if builtins.length all < ${maximumAttributes} then builtins.length all else ${maximumAttributes})
  `;
}
