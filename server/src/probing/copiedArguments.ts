import { dirname, join, resolve } from 'node:path';
import type { EvaluationArguments } from '../model/target.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceFile } from '../syntax/sourceFile.ts';
import type { WorkspaceCopies } from './copies.ts';
import { rewritePaths } from './instrument.ts';

/** Relative paths in arguments and on the search path lead to the copies as well. */
export function copyArguments(
  given: EvaluationArguments,
  copies: WorkspaceCopies,
  directory: string,
  parser: NixParser,
): EvaluationArguments {
  return {
    ...given,
    arg: given.arg.map(([name, expression]) => [
      name,
      copyExpression(expression, `argument-${name}.nix`, copies, directory, parser),
    ]),
    include: given.include.flatMap((entry) => copyInclude(entry, copies, directory)),
  };
}

/** An expression of no file whose relative paths lead to the copies; one that is malformed stays as it is. */
export function copyExpression(
  expression: string,
  name: string,
  copies: WorkspaceCopies,
  directory: string,
  parser: NixParser,
): string {
  const source = parseSourceFile(join(directory, name), expression, parser);
  return source.wellFormed ? rewritePaths(source, { ...copies.context, directory }) : expression;
}

/** The Nix files that the search path names, as absolute paths; of a directory its `default.nix`. */
export function includedFiles({ include }: EvaluationArguments, directory: string): string[] {
  return include
    .map((entry) => resolve(directory, splitInclude(entry).path))
    .map((path) => (path.endsWith('.nix') ? path : join(path, 'default.nix')));
}

/**
 * An entry of the search path, led to its copy. A directory's copy holds code
 * and no data, so the directory itself stands behind it: Nix takes the first
 * entry that has the file. Where a path may be data, it stands alone.
 */
function copyInclude(entry: string, copies: WorkspaceCopies, directory: string): string[] {
  const { prefix, path } = splitInclude(entry);
  const original = resolve(directory, path);
  const file = copies.copyOf(original);
  if (file !== undefined) return [`${prefix}${file}`];
  const main = copies.context.level === 'full' ? copies.copyOf(join(original, 'default.nix')) : undefined;
  return main === undefined ? [entry] : [`${prefix}${dirname(main)}`, entry];
}

/** `nixos-config=./x.nix` or a bare path. */
function splitInclude(entry: string): { readonly prefix: string; readonly path: string } {
  const at = entry.indexOf('=');
  return at === -1
    ? { prefix: '', path: entry }
    : { prefix: entry.slice(0, at + 1), path: entry.slice(at + 1) };
}
