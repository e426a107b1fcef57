import { childrenOf, type AttributeName, type Expression, type Span } from './ast.ts';
import type { SourceFile } from './sourceFile.ts';

/**
 * The names under which a stretch of a file is bound, from the outside inwards:
 * `[ "build", "paths" ]` for the `x` in `{ build = f { paths = [ x ]; }; }`. A
 * computed name is `*`.
 */
export function bindingPathOf(source: SourceFile, span: Span): string[] {
  const holds = (outer: Span): boolean => outer.start <= span.start && span.end <= outer.end;
  const names: string[] = [];
  let at: Expression | undefined = source.root;
  while (at) {
    if (at.kind === 'attribute-set' || at.kind === 'let') {
      const binding = at.bindings.find(holds);
      if (binding?.kind === 'attribute') names.push(...binding.path.map(nameOf));
    }
    at = childrenOf(at).find(holds);
  }
  return names;
}

function nameOf(name: AttributeName): string {
  return name.kind === 'static' ? name.name : '*';
}
