import type { SourceRange } from '../model/location.ts';
import type { Expression } from '../syntax/ast.ts';
import { expressionsAround } from '../syntax/descent.ts';
import { resolveName, type Definition } from '../syntax/scopes.ts';
import { rangeIn, type SourceFile } from '../syntax/sourceFile.ts';
import type { SourceEdit } from './fix.ts';

/** Where the names are defined that edits bring in: what they mean depends on that. */
export function namedDefinitions(
  edits: readonly SourceEdit[],
  sources: ReadonlyMap<string, SourceFile>,
): SourceRange[] {
  return edits.flatMap(({ file, range, newText }) => {
    const source = sources.get(file);
    if (!source) return [];
    const start = source.lines.offsetAt(range.start);
    const scope = source.scopes.scopeOf(innermost(source.root, start));
    const names = new Set(newText.match(/[A-Za-z_][\w'-]*/g));
    return [...names].flatMap((name) => {
      const resolution = resolveName(name, scope);
      return resolution.kind === 'lexical' ? (rangeOf(resolution.definition, source) ?? []) : [];
    });
  });
}

function innermost(root: Expression, offset: number): Expression {
  let inner = root;
  for (inner of expressionsAround(root, { start: offset, end: offset }));
  return inner;
}

function rangeOf(definition: Definition, source: SourceFile): SourceRange | undefined {
  switch (definition.kind) {
    case 'binding':
      return rangeIn(source, definition.binding.value);
    case 'inherit-from':
      return rangeIn(source, definition.binding.from);
    case 'formal':
    case 'inherit':
    case 'parameter':
      return undefined;
  }
}
