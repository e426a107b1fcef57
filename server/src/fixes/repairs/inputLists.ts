import {
  unwrap,
  type AttributeBinding,
  type AttributeSet,
  type Expression,
  type List,
} from '../../syntax/ast.ts';
import { expressionsAround, holds } from '../../syntax/descent.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';

/** One of the lists that `++` puts together: `[ a b ]`, `lib.optionals c [ a ]`, `lib.optional c a`. */
export interface Term {
  /** All of it. */
  readonly expression: Expression;
  /** What is called with the list or element, such as `lib.optionals c`; empty for a list as it is. */
  readonly wrapper: string;
  /** Undefined where it is no list that is written down. */
  readonly list?: List;
  /** What `optional` is called with. */
  readonly element?: Expression;
}

/** An element of a list of dependencies, with what stands around it. */
export interface PlacedInput {
  readonly source: SourceFile;
  readonly element: Expression;
  readonly term: Term;
  readonly binding: AttributeBinding;
  readonly set: AttributeSet;
}

/** The place of an input in the list of dependencies of this name; undefined where it stands elsewhere. */
export function inputAt({ source, expression }: PlacedExpression, name: string): PlacedInput | undefined {
  const around = [...expressionsAround(source.root, expression)];
  const set = around.findLast((one) => one.kind === 'attribute-set');
  if (set?.kind !== 'attribute-set') return undefined;
  const binding = bindingsOf(set).find(({ value }) => holds(value, expression));
  if (!binding || nameOf(binding) !== name) return undefined;
  for (const term of termsOf(source, binding.value)) {
    const elements = term.list?.elements ?? (term.element ? [term.element] : []);
    const element = elements.find((one) => unwrap(one) === unwrap(expression));
    if (element) return { source, element, term, binding, set };
  }
  return undefined;
}

/** The value that a set binds to a name. */
export function findList(set: AttributeSet, name: string): AttributeBinding | undefined {
  return bindingsOf(set).find((binding) => nameOf(binding) === name);
}

/** The lists that a value is put together from, in their order. */
export function termsOf(source: SourceFile, value: Expression): Term[] {
  const inner = unwrap(value);
  switch (inner.kind) {
    case 'with':
      return termsOf(source, inner.body).map((term) =>
        inner.body === term.expression ? { ...term, expression: value } : term,
      );
    case 'list':
      return [{ expression: value, wrapper: '', list: inner }];
    case 'binary':
      return inner.operator === '++'
        ? [...termsOf(source, inner.left), ...termsOf(source, inner.right)]
        : [{ expression: value, wrapper: '' }];
    case 'apply':
      return [{ expression: value, ...optional(source, inner) }];
    default:
      return [{ expression: value, wrapper: '' }];
  }
}

function optional(
  source: SourceFile,
  { fn, argument }: Extract<Expression, { kind: 'apply' }>,
): Omit<Term, 'expression'> {
  if (fn.kind !== 'apply') return { wrapper: '' };
  const called = /(?:^|\.)(optionals?)$/.exec(textOf(source, fn.fn))?.[1];
  const wrapper = textOf(source, fn);
  if (called === 'optional') return { wrapper, element: argument };
  if (called !== 'optionals') return { wrapper: '' };
  const inner = unwrap(argument);
  const list = inner.kind === 'with' ? unwrap(inner.body) : inner;
  return list.kind === 'list' ? { wrapper, list } : { wrapper: '' };
}

function bindingsOf({ bindings }: AttributeSet): AttributeBinding[] {
  return bindings.filter((binding) => binding.kind === 'attribute');
}

function nameOf({ path }: AttributeBinding): string | undefined {
  const [only] = path;
  return path.length === 1 && only?.kind === 'static' ? only.name : undefined;
}
