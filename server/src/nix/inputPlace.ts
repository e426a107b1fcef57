import { join } from 'node:path';
import { largestSettings } from '../files/limits.ts';
import { readTextIfPossible } from '../files/regularFile.ts';
import type { SourceRange } from '../model/location.ts';
import type { Span } from '../syntax/ast.ts';
import { findAttribute } from '../syntax/attributePlace.ts';
import { expressionsOf } from '../syntax/descent.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceFile, rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';

/**
 * Where a flake names the first of some inputs: among its `inputs`, else as an
 * argument of its `outputs`; undefined where its text says it nowhere.
 *
 * @param flake absolute path of the directory with its flake.nix
 * @param inputs by name; `near/beyond` is an input of the input `near`
 */
export async function inputPlace(
  flake: string,
  inputs: readonly string[],
  parser: NixParser,
): Promise<SourceRange | undefined> {
  const file = join(flake, 'flake.nix');
  const text = await readTextIfPossible(file, largestSettings);
  if (text === undefined) return undefined;
  const source = parseSourceFile(file, text, parser);
  for (const input of inputs) {
    const [name = input] = input.split('/', 1);
    const span = declaredAt(source, name) ?? takenAt(source, name);
    if (span) return rangeIn(source, span);
  }
  return undefined;
}

function declaredAt(source: SourceFile, name: string): Span | undefined {
  const span = findAttribute(source, ['inputs', name]);
  // Where the name is not spelled out, it is the place of `inputs`.
  return span && textOf(source, span).replaceAll('"', '') === name ? span : undefined;
}

/** An argument of `outputs` that is no declared input is one all the same: its name is looked up. */
function takenAt(source: SourceFile, name: string): Span | undefined {
  const outputs = findAttribute(source, ['outputs']);
  if (!outputs) return undefined;
  for (const expression of expressionsOf(source.root))
    if (expression.kind === 'lambda' && expression.start > outputs.start)
      return expression.formals?.find((formal) => formal.name.name === name)?.name;
  return undefined;
}
