import { basename, relative } from 'node:path';
import { readTextFile } from '../../files/regularFile.ts';
import type { EvaluationArguments } from '../../model/target.ts';
import { findAttribute, literalAttributes } from '../../syntax/attributePlace.ts';
import { parseSourceInSlices, rangeIn } from '../../syntax/sourceFile.ts';
import type { NixEnvironment } from '../../nix/nixEnvironment.ts';
import { derivationsIn, mostAttributes, namesIn } from './attributesOfFile.ts';
import { formatAttributePath, type FoundTarget, type TargetSearchOptions } from './found.ts';

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
  const asked = { ...options.limits, signal: options.signal, cwd: directory };
  const own = { file, attribute: '', arguments: given };
  const text = await readTextFile(file);
  const source = await parseSourceInSlices(file, text, environment.parser, options.signal);
  options.onText?.(file, text);
  const paths = await derivationsIn(environment.nix, own, asked).catch(async (error: unknown) => {
    options.signal.throwIfAborted();
    // What is no set at all, such as a module that wants arguments, fails here as well.
    const names = new Set(await namesIn(environment.nix, own, asked));
    const literal = literalAttributes(source).filter(([first]) => first !== undefined && names.has(first));
    if (literal.length === 0) throw error;
    return literal.slice(0, mostAttributes);
  });
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
