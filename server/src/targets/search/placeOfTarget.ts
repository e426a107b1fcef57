import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextIfPossible } from '../../files/regularFile.ts';
import { splitAttributePath } from '../../model/attributePath.ts';
import type { SourceRange } from '../../model/location.ts';
import type { EvaluationTarget } from '../../model/target.ts';
import { findAttribute } from '../../syntax/attributePlace.ts';
import type { NixParser } from '../../syntax/parser.ts';
import { parseSourceInSlices, rangeIn } from '../../syntax/sourceFile.ts';

/** A place in a file, and the text that the file had then. */
export interface TargetPlace {
  readonly source: SourceRange;
  readonly text: string;
}

/**
 * Where a target's attribute stands in its file, as far as the text says;
 * nothing is evaluated. Undefined where the file cannot be read.
 */
export async function placeOfTarget(
  target: EvaluationTarget,
  parser: NixParser,
): Promise<TargetPlace | undefined> {
  if (target.kind === 'derivation' || target.kind === 'expression') return undefined;
  const file = target.kind === 'flake' ? join(target.flake, 'flake.nix') : target.file;
  const text = await readTextIfPossible(file);
  if (text === undefined) return undefined;
  const path =
    target.kind === 'composed' ? [target.member].filter(Boolean) : splitAttributePath(target.attribute);
  const source = await parseSourceInSlices(file, text, parser);
  const place = findAttribute(source, target.kind === 'flake' ? ['outputs', ...path] : path);
  return place && { source: rangeIn(source, place), text };
}

/** False for what does not exist, too. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Not there, which is the answer.
    return false;
  }
}
