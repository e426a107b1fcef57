import type { Formal, Lambda, Variable } from '../../syntax/ast.ts';
import { expressionsOf } from '../../syntax/descent.ts';
import { resolveVariable } from '../../syntax/scopes.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';
import type { SourceEdit } from '../fix.ts';
import { addFormal, replace } from '../repair.ts';

/**
 * The edits by which a function has arguments of other names: one that nothing
 * uses any more makes place for the first new one; undefined where a function
 * has none by name.
 *
 *     { stdenv, buildPackages }:   ⇒   { stdenv, jq }:
 *
 * @param frees the uses of names that are gone
 */
export function exchangeFormals(
  source: SourceFile,
  lambda: Lambda,
  names: readonly string[],
  frees: readonly Variable[],
): SourceEdit[] | undefined {
  const given = new Set((lambda.formals ?? []).map(({ name }) => name.name));
  const wanted = [...new Set(names)].filter((name) => !given.has(name));
  const edits: SourceEdit[] = [];
  for (const formal of lambda.formals ?? []) {
    if (wanted.length === 0) break;
    if (formal.fallback || !isFree(source, lambda, formal, frees)) continue;
    edits.push(replace(source, formal.name, wanted.shift() ?? ''));
  }
  if (wanted.length === 0) return edits;
  const added = addFormal(source, lambda, wanted.join(', '));
  return added && [...edits, added];
}

/** Are all uses of an argument among those that are gone, and is there one? */
function isFree(source: SourceFile, lambda: Lambda, formal: Formal, frees: readonly Variable[]): boolean {
  const gone = new Set(frees.map(({ start }) => start));
  const uses = [...expressionsOf(lambda)].filter((one) => {
    if (one.kind !== 'variable' || one.name !== formal.name.name) return false;
    const resolution = resolveVariable(one, source.scopes);
    return (
      resolution.kind === 'lexical' &&
      resolution.definition.kind === 'formal' &&
      resolution.definition.formal === formal
    );
  });
  return uses.length > 0 && uses.every(({ start }) => gone.has(start)) && !isInherited(lambda, formal);
}

/** Is an argument handed on by `inherit`? */
function isInherited(lambda: Lambda, formal: Formal): boolean {
  return [...expressionsOf(lambda)].some(
    (one) =>
      (one.kind === 'attribute-set' || one.kind === 'let') &&
      one.bindings.some(
        (binding) =>
          binding.kind === 'inherit' &&
          binding.names.some((name) => name.kind === 'static' && name.name === formal.name.name),
      ),
  );
}
