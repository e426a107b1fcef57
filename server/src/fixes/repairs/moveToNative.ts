import { unwrap } from '../../syntax/ast.ts';
import { textOf } from '../../syntax/sourceFile.ts';
import type { SourceEdit } from '../fix.ts';
import type { Candidate, Repair } from '../repair.ts';
import { inputAt, type PlacedInput } from './inputLists.ts';
import type { MovedInput } from './addInputs.ts';
import { moveInputs } from './moveInputs.ts';
import { rewrittenText } from './packageSets.ts';
import { throughSet } from './throughSet.ts';

/**
 * Move a tool that runs while its consumer is built to where such tools belong
 * (nixpkgs manual, chapter "Cross-compilation", "Specifying dependencies").
 *
 *     buildInputs = [ cmake zlib ];   ⇒   nativeBuildInputs = [ cmake ];
 *                                         buildInputs = [ zlib ];
 */
export const moveToNative: Repair = ({ leaks, origins }) => {
  if (!leaks.some(({ rule }) => rule === 'misplaced-tool')) return [];
  const placed = origins.flatMap((origin) => inputAt(origin, 'buildInputs') ?? []);
  if (placed.length === 0 || placed.length < origins.length) return [];
  const asWritten = placed.map((input) => ({ ...input, text: textOf(input.source, input.element) }));
  return [
    {
      title: 'Move to `nativeBuildInputs`, for what runs at build time',
      edits: moveInputs(asWritten, 'nativeBuildInputs'),
      purpose,
    },
    ...fromBuildSet(placed),
  ];
};

const purpose = 'native';

/** What is selected from a package set is not replaced by its twin for the build platform: take that itself. */
function fromBuildSet(placed: readonly PlacedInput[]): Candidate[] {
  const elsewhere: SourceEdit[] = [];
  const moved = placed.flatMap((input): MovedInput[] => {
    const { source, element } = input;
    const edits = throughSet({ source, expression: unwrap(element) }, 'pkgsBuildHost');
    if (!edits) return [];
    const rewritten = rewrittenText(source, element, edits);
    elsewhere.push(...rewritten.elsewhere);
    return [{ ...input, text: rewritten.text }];
  });
  if (moved.length < placed.length) return [];
  return [
    {
      title: 'Move to `nativeBuildInputs`, as the package that runs on the build platform',
      edits: [...moveInputs(moved, 'nativeBuildInputs'), ...elsewhere],
      purpose,
    },
  ];
}
