/**
 * The syntax of a Nix expression as plain values (Nix manual, chapter "Nix
 * Language"). Offsets count UTF-16 code units from the start of the text.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Expression =
  | Variable
  | Select
  | HasAttribute
  | Apply
  | AttributeSet
  | Let
  | With
  | Assert
  | If
  | Lambda
  | List
  | Parenthesized
  | StringLiteral
  | PathLiteral
  | Unary
  | Binary
  | Literal
  | Malformed;

export interface Variable extends Span {
  readonly kind: 'variable';
  readonly name: string;
}

/** `base.path` or `base.path or fallback`. */
export interface Select extends Span {
  readonly kind: 'select';
  readonly base: Expression;
  readonly path: readonly AttributeName[];
  readonly fallback?: Expression;
}

export interface HasAttribute extends Span {
  readonly kind: 'has-attribute';
  readonly base: Expression;
  readonly path: readonly AttributeName[];
}

export interface Apply extends Span {
  readonly kind: 'apply';
  readonly fn: Expression;
  readonly argument: Expression;
}

/** `{ … }`, `rec { … }`, or the old `let { … }`, which is recursive as well. */
export interface AttributeSet extends Span {
  readonly kind: 'attribute-set';
  readonly recursive: boolean;
  readonly bindings: readonly Binding[];
}

export interface Let extends Span {
  readonly kind: 'let';
  readonly bindings: readonly Binding[];
  readonly body: Expression;
}

export interface With extends Span {
  readonly kind: 'with';
  readonly environment: Expression;
  readonly body: Expression;
}

export interface Assert extends Span {
  readonly kind: 'assert';
  readonly condition: Expression;
  readonly body: Expression;
}

export interface If extends Span {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly consequence: Expression;
  readonly alternative: Expression;
}

export interface Lambda extends Span {
  readonly kind: 'lambda';
  /** The name in `x: …` or `args@{ … }: …`. */
  readonly parameter?: Named;
  readonly formals?: readonly Formal[];
  /** The braces with all formals, absent where there are none. */
  readonly formalsSpan?: Span;
  readonly ellipsis: boolean;
  readonly body: Expression;
}

export interface Formal extends Span {
  readonly name: Named;
  readonly fallback?: Expression;
}

export interface List extends Span {
  readonly kind: 'list';
  readonly elements: readonly Expression[];
}

export interface Parenthesized extends Span {
  readonly kind: 'parenthesized';
  readonly inner: Expression;
}

export interface StringLiteral extends Span {
  readonly kind: 'string';
  readonly indented: boolean;
  readonly interpolations: readonly Interpolation[];
  /** The string's value; undefined where interpolations or escapes leave it open. */
  readonly value?: string;
}

export interface Interpolation extends Span {
  readonly expression: Expression;
}

/** `./a/b`, `/a/b` (interpolations allowed), `~/a` or `<nixpkgs>`. */
export interface PathLiteral extends Span {
  readonly kind: 'path';
  readonly form: 'relative' | 'absolute' | 'home' | 'search';
  readonly interpolations: readonly Interpolation[];
}

export interface Unary extends Span {
  readonly kind: 'unary';
  readonly operand: Expression;
}

export interface Binary extends Span {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
}

/** A number or a URI. */
export interface Literal extends Span {
  readonly kind: 'literal';
}

/** What could not be parsed. */
export interface Malformed extends Span {
  readonly kind: 'malformed';
}

export interface Named extends Span {
  readonly name: string;
}

/** A part of an attribute path; without a `name` it is computed. */
export type AttributeName =
  | (Named & { readonly kind: 'static' })
  | (Span & { readonly kind: 'dynamic'; readonly expression: Expression });

export type Binding = AttributeBinding | InheritBinding | InheritFromBinding;

export interface AttributeBinding extends Span {
  readonly kind: 'attribute';
  readonly path: readonly AttributeName[];
  readonly value: Expression;
}

export interface InheritBinding extends Span {
  readonly kind: 'inherit';
  readonly names: readonly AttributeName[];
}

export interface InheritFromBinding extends Span {
  readonly kind: 'inherit-from';
  readonly from: Expression;
  readonly names: readonly AttributeName[];
}

/** The expression inside any number of parentheses. */
export function unwrap(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === 'parenthesized') inner = inner.inner;
  return inner;
}

/** The sub-expressions of an expression, in the order of the text. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'select':
      return [
        expression.base,
        ...pathExpressions(expression.path),
        ...(expression.fallback ? [expression.fallback] : []),
      ];
    case 'has-attribute':
      return [expression.base, ...pathExpressions(expression.path)];
    case 'apply':
      return [expression.fn, expression.argument];
    case 'attribute-set':
      return bindingExpressions(expression.bindings);
    case 'let':
      return [...bindingExpressions(expression.bindings), expression.body];
    case 'with':
      return [expression.environment, expression.body];
    case 'assert':
      return [expression.condition, expression.body];
    case 'if':
      return [expression.condition, expression.consequence, expression.alternative];
    case 'lambda':
      return [...(expression.formals ?? []).flatMap((formal) => formal.fallback ?? []), expression.body];
    case 'list':
      return expression.elements;
    case 'parenthesized':
      return [expression.inner];
    case 'string':
    case 'path':
      return expression.interpolations.map((part) => part.expression);
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'variable':
    case 'literal':
    case 'malformed':
      return [];
  }
}

function pathExpressions(path: readonly AttributeName[]): Expression[] {
  return path.flatMap((name) => (name.kind === 'dynamic' ? name.expression : []));
}

function bindingExpressions(bindings: readonly Binding[]): Expression[] {
  return bindings.flatMap((binding) => {
    switch (binding.kind) {
      case 'attribute':
        return [...pathExpressions(binding.path), binding.value];
      case 'inherit':
        return pathExpressions(binding.names);
      case 'inherit-from':
        return [binding.from, ...pathExpressions(binding.names)];
    }
  });
}
