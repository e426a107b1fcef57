import { readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import * as z from 'zod';
import type { SourceRange } from '../model/location.ts';
import type { EvaluationArguments, EvaluationTarget } from '../model/target.ts';
import { describeFailure } from '../nix/errors.ts';
import { evaluateExpression } from '../nix/evaluate.ts';
import { flakeMetadata } from '../nix/flakeMetadata.ts';
import { nixString } from '../nix/nixString.ts';
import { findAttribute, literalAttributes, parseAttributePath } from '../syntax/attributePlace.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceFile, rangeIn } from '../syntax/sourceFile.ts';
import type { NixEnvironment } from './environment.ts';
import { pathExpression } from './pathExpressions.ts';
import type { RunLimits } from './plan.ts';

/** A target that was found by looking into the workspace. */
export interface FoundTarget {
  readonly target: EvaluationTarget;
  /** E.g. `release.nix · build.x86_64-linux`. */
  readonly label: string;
  readonly description: string;
  /** The attribute's name in its file, where the file says it literally. */
  readonly source?: SourceRange;
}

export interface TargetSearchOptions {
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
  /** Told why a file offers no targets, in words for people. */
  readonly onProblem?: (problem: string) => void;
}

/** Files without a flake that usually hold something to build, in the order of preference. */
const usualFiles = ['default.nix', 'release.nix', 'shell.nix', 'ci.nix'];
const maximumAttributes = 400;
const attributeNames = z.array(z.string());
const attributePaths = z.array(attributeNames);

export const noArguments: EvaluationArguments = { arg: [], argstr: [], include: [], option: [] };

/**
 * Finds what can be evaluated in a directory: the outputs of its flake and the
 * derivations of its usual files. What does not evaluate is left out, and told to `onProblem`.
 *
 * @throws AbortError when `signal` fires
 */
export async function findTargets(
  directory: string,
  environment: NixEnvironment,
  options: TargetSearchOptions,
): Promise<FoundTarget[]> {
  const found: FoundTarget[] = [];
  if (await isFile(join(directory, 'flake.nix'))) {
    found.push(...(await orNone('flake.nix', findFlakeTargets(directory, environment, options), options)));
  }
  for (const name of usualFiles) {
    const file = join(directory, name);
    if (await isFile(file)) {
      found.push(
        ...(await orNone(name, findFileTargets(file, directory, noArguments, environment, options), options)),
      );
    }
  }
  return found;
}

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
  const source = parseSourceFile(file, await readFile(file, 'utf8'), environment.parser);
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

/**
 * Where a target's attribute stands in its file, as far as the text says;
 * nothing is evaluated. Undefined where the file cannot be read.
 */
export async function placeOfTarget(
  target: EvaluationTarget,
  parser: NixParser,
): Promise<SourceRange | undefined> {
  if (target.kind === 'derivation' || target.kind === 'expression') return undefined;
  const file = target.kind === 'flake' ? join(target.flake, 'flake.nix') : target.file;
  if (!(await isFile(file))) return undefined;
  const path =
    target.kind === 'composed' ? [target.member].filter(Boolean) : parseAttributePath(target.attribute);
  const source = parseSourceFile(file, await readFile(file, 'utf8'), parser);
  const place = findAttribute(source, target.kind === 'flake' ? ['outputs', ...path] : path);
  return place && rangeIn(source, place);
}

async function findFlakeTargets(
  directory: string,
  environment: NixEnvironment,
  options: TargetSearchOptions,
): Promise<FoundTarget[]> {
  const settings = { ...options.limits, signal: options.signal, cwd: directory };
  const { url } = await flakeMetadata(environment.nix, directory, settings);
  const value = await evaluateExpression(environment.nix, flakeAttributes(url), {
    ...settings,
    flakes: true,
  });
  const file = join(directory, 'flake.nix');
  const source = parseSourceFile(file, await readFile(file, 'utf8'), environment.parser);
  return attributePaths.parse(value).map((path): FoundTarget => {
    const attribute = formatAttributePath(path);
    const place = findAttribute(source, ['outputs', ...path]);
    return {
      target: { kind: 'flake', flake: directory, attribute, arguments: noArguments },
      label: `.#${attribute}`,
      description: 'flake output',
      ...(place ? { source: rangeIn(source, place) } : {}),
    };
  });
}

/** A file's value, called with what is given where it is a function. */
function valueOfFile(file: string, given: EvaluationArguments): string {
  const args = [
    ...given.arg.map(([name, expression]) => `${name} = (${expression});`),
    ...given.argstr.map(([name, text]) => `${name} = ${nixString(text)};`),
  ];
  return `(
    let value = import ${pathExpression(file)}; in
    if builtins.isFunction value
    then value (builtins.intersectAttrs (builtins.functionArgs value) { ${args.join(' ')} })
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
      all = list 3 [ ] ${valueOfFile(file, given)};
    in
    builtins.genList (builtins.elemAt all) (if builtins.length all < ${maximumAttributes} then builtins.length all else ${maximumAttributes})
  `;
}

/** Lists a flake's outputs by name, without evaluating them (Nix manual, `nix flake check`). */
function flakeAttributes(url: string): string {
  return `
    let
      flake = builtins.getFlake ${nixString(url)};
      names = set: if builtins.isAttrs set then builtins.attrNames set else [ ];
      bySystem = kind: builtins.concatMap
        (system: map (name: [ kind system name ]) (names flake.\${kind}.\${system}))
        (names (flake.\${kind} or { }));
      direct = kind: map (name: [ kind name ]) (names (flake.\${kind} or { }));
      all = builtins.concatMap direct [ "nixosConfigurations" "darwinConfigurations" "homeConfigurations" ]
        ++ builtins.concatMap bySystem [ "packages" "checks" "devShells" ];
    in
    builtins.genList (builtins.elemAt all) (if builtins.length all < ${maximumAttributes} then builtins.length all else ${maximumAttributes})
  `;
}

/** An attribute path as Nix reads it: names that are no identifiers are quoted. */
export function formatAttributePath(path: readonly string[]): string {
  return path
    .map((name) => (/^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name) ? name : JSON.stringify(name)))
    .join('.');
}

/**
 * A file that cannot be evaluated offers no targets; why is told to `onProblem`.
 *
 * @param name the file's, for people
 * @throws AbortError when the search is not wanted any more
 */
export async function orNone(
  name: string,
  search: Promise<FoundTarget[]>,
  { signal, onProblem }: TargetSearchOptions,
): Promise<FoundTarget[]> {
  try {
    return await search;
  } catch (error) {
    signal.throwIfAborted();
    onProblem?.(problemOf(name, error));
    return [];
  }
}

/** Why a file has no targets, and what to do; arguments are given in the settings here. */
function problemOf(name: string, error: unknown): string {
  const [{ message, advice } = { message: String(error), advice: undefined }] = describeFailure(
    error,
    () => true,
  );
  if (message.includes('requires lock file changes'))
    return `${name}: flake.lock is missing or out of date: run \`nix flake lock\`.`;
  const argument = /(?:without required argument|without a value \()\s*'([^']+)'/.exec(message)?.[1];
  const what = `${name}: ${message.split('\n', 1)[0]?.replace(/\.?$/, '.')}`;
  if (argument !== undefined) {
    const setting = JSON.stringify({ file: name, arg: { [argument]: '…' } });
    return `${what} Pass \`${argument}\` in the setting nixPlatformLens.targets: \`[${setting}]\`.`;
  }
  return advice === undefined ? what : `${what} ${advice}`;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Not there, which is the answer.
    return false;
  }
}
