import { placeKey } from '../../model/location.ts';
import type { InheritedName } from '../../syntax/inheritedNames.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';
import type { SourceEdit } from '../fix.ts';
import { insert, replace } from '../repair.ts';

/**
 * Gives an inherited name its value from another set; the others of the same
 * `inherit` keep theirs.
 *
 *     inherit (pkgs) jq git;   ⇒   inherit (pkgs) git;
 *                                  inherit (pkgs.pkgsBuildHost) jq;
 */
export function inheritFrom(source: SourceFile, inherited: InheritedName, from: string): SourceEdit[] {
  const { binding, name } = inherited;
  if (binding.kind === 'inherit-from' && binding.names.length === 1)
    return [replace(source, binding.from, from)];
  return instead(source, inherited, `inherit (${from}) ${name.name};`);
}

/**
 * Binds a name that was inherited.
 *
 *     inherit jq git;   ⇒   inherit git;
 *                           jq = pkgsBuildHost.jq;
 */
export function bindInstead(source: SourceFile, inherited: InheritedName, value: string): SourceEdit[] {
  return instead(source, inherited, `${inherited.name.name} = ${value};`);
}

/** Inherits a name from the scope outside, and no longer from a set. */
export function inheritPlainly(source: SourceFile, inherited: InheritedName): SourceEdit[] {
  return instead(source, inherited, `inherit ${inherited.name.name};`);
}

/** Another binding in the place of one that has this name only; behind one that has others, too. */
function instead(source: SourceFile, inherited: InheritedName, text: string): SourceEdit[] {
  const { binding } = inherited;
  if (binding.names.length === 1) return [replace(source, binding, text)];
  return [withoutName(source, inherited), insert(source, binding.end, between(source, binding.start) + text)];
}

/** Takes one of several names out of an `inherit`, with the white space before it. */
export function withoutName(source: SourceFile, { binding, name }: InheritedName): SourceEdit {
  const before = source.text.slice(binding.start, name.start);
  const start = name.start - (/\s*$/.exec(before)?.[0].length ?? 0);
  return replace(source, { start, end: name.end }, '');
}

/** What stands between a binding and the next one: a line break, where it begins a line. */
function between(source: SourceFile, start: number): string {
  const line = source.text.lastIndexOf('\n', start - 1) + 1;
  const before = source.text.slice(line, start);
  return line > 0 && /^\s*$/.test(before) ? `\n${before}` : ' ';
}

/** Edits without repetition. */
export function distinctEdits(edits: readonly SourceEdit[]): SourceEdit[] {
  return [...new Map(edits.map((edit) => [`${placeKey(edit)} ${edit.newText}`, edit])).values()];
}
