import type {
  AttributeSet,
  Expression,
  InheritBinding,
  InheritFromBinding,
  Let,
  Named,
  Span,
} from './ast.ts';
import { expressionsAround } from './descent.ts';

/** A name in `inherit a;` or `inherit (e) a;`. */
export interface InheritedName {
  readonly owner: AttributeSet | Let;
  readonly binding: InheritBinding | InheritFromBinding;
  readonly name: Named;
}

/** The name in an `inherit` that is exactly this stretch of a file; undefined where it is something else. */
export function inheritedNameAt(root: Expression, { start, end }: Span): InheritedName | undefined {
  for (const owner of expressionsAround(root, { start, end })) {
    if (owner.kind !== 'attribute-set' && owner.kind !== 'let') continue;
    for (const binding of owner.bindings) {
      if (binding.kind === 'attribute') continue;
      const name = binding.names.find((one) => one.start === start && one.end === end);
      if (name?.kind === 'static') return { owner, binding, name };
    }
  }
  return undefined;
}
