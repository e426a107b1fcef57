import type { Position } from '../model/location.ts';
import type { Expression, Span } from '../syntax/ast.ts';
import { expressionsAt } from '../syntax/descent.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';

/** What a position points at, for somebody who asks for its value. */
export interface PointedAt {
  /** Stretches whose value that is, the nearest first. */
  readonly candidates: readonly Span[];
  /** The nearest one stands where a derivation is expected: in a list or an interpolation. */
  readonly expectsDerivation: boolean;
}

/**
 * Finds the expressions whose value a person means by pointing at a position:
 * the name itself, and what it is the head of: `hello` in `hello.override { }`
 * or `(hello)`, and the name that a binding or an `inherit` gives its value to.
 */
export function pointedAt(source: Pick<SourceFile, 'root' | 'lines'>, position: Position): PointedAt {
  const offset = source.lines.offsetAt(position);
  const chain = [...expressionsAt(source.root, offset)];
  const innermost = chain.at(-1);
  if (!innermost) return { candidates: [], expectsDerivation: false };

  const named = bindingAt(innermost, offset);
  if (named) return { candidates: named, expectsDerivation: false };
  if (!isName(innermost)) return { candidates: [], expectsDerivation: false };

  const candidates: Span[] = [innermost];
  let at = innermost;
  let depth = chain.length - 1;
  for (; depth > 0; depth--) {
    const parent = chain[depth - 1];
    if (!parent || !isHeadOf(at, parent)) break;
    candidates.push(parent);
    at = parent;
  }
  const around = chain[depth - 1];
  return { candidates, expectsDerivation: around?.kind === 'list' || around?.kind === 'string' };
}

function isName({ kind }: Expression): boolean {
  return kind === 'variable' || kind === 'select';
}

/** Is the value of `outer` what one means by pointing at `inner`? */
function isHeadOf(inner: Expression, outer: Expression): boolean {
  switch (outer.kind) {
    case 'parenthesized':
    case 'select':
      return true;
    case 'apply':
      return outer.fn === inner;
    default:
      return false;
  }
}

/** The value's stretch where the offset is on a name that is bound here. */
function bindingAt(expression: Expression, offset: number): Span[] | undefined {
  if (expression.kind !== 'attribute-set' && expression.kind !== 'let') return undefined;
  for (const binding of expression.bindings) {
    if (offset < binding.start || binding.end < offset) continue;
    const names = binding.kind === 'attribute' ? binding.path : binding.names;
    const name = names.find(({ start, end }) => start <= offset && offset <= end);
    if (!name) return undefined;
    // `a.b = value;`: the value is that of `b`.
    const isValue = binding.kind === 'attribute' && name === binding.path.at(-1);
    return isValue ? [binding.value, name] : [name];
  }
  return undefined;
}
