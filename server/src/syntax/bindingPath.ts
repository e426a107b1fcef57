import type { AttributeName, Span } from './ast.ts';
import { expressionsAround, holds } from './descent.ts';
import type { SourceFile } from './sourceFile.ts';

/**
 * The names under which a stretch of a file is bound, from the outside inwards:
 * `[ "build", "paths" ]` for the `x` in `{ build = f { paths = [ x ]; }; }`. A
 * computed name is `*`.
 */
export function bindingPathOf(source: SourceFile, span: Span): string[] {
  const names: string[] = [];
  for (const at of expressionsAround(source.root, span)) {
    if (at.kind !== 'attribute-set' && at.kind !== 'let') continue;
    const binding = at.bindings.find((candidate) => holds(candidate, span));
    if (binding?.kind === 'attribute') names.push(...binding.path.map(nameOf));
  }
  return names;
}

function nameOf(name: AttributeName): string {
  return name.kind === 'static' ? name.name : '*';
}
