import { isAbsolute, join, resolve } from 'node:path';
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
    include: given.include.map((entry) => {
      const { prefix, path } = splitInclude(entry);
      const copy = copies.copyOf(resolve(directory, path));
      return copy === undefined ? entry : `${prefix}${copy}`;
    }),
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

/** The Nix files that the search path names, as absolute paths. */
export function includedFiles({ include }: EvaluationArguments, directory: string): string[] {
  return include
    .map((entry) => splitInclude(entry).path)
    .filter((path) => path.endsWith('.nix'))
    .map((path) => (isAbsolute(path) ? path : resolve(directory, path)));
}

/** `nixos-config=./x.nix` or a bare path. */
function splitInclude(entry: string): { readonly prefix: string; readonly path: string } {
  const at = entry.indexOf('=');
  return at === -1
    ? { prefix: '', path: entry }
    : { prefix: entry.slice(0, at + 1), path: entry.slice(at + 1) };
}
