import { unwrap, type Apply, type Expression, type Lambda } from '../syntax/ast.ts';
import { resolveName } from '../syntax/scopes.ts';
import { importedFile, type CallerIndex } from './callers.ts';
import type { PlacedExpression } from './placedExpression.ts';
import { attributeOf, isNamed, staticNames } from './setLiterals.ts';

/** What the functions around an expression were given, on the way on which it was reached. */
export interface Entered {
  readonly given: ReadonlyMap<Lambda, GivenArgument>;
  /** The call that was entered last. */
  readonly call?: Apply;
  /** What the functions around that call were given. */
  readonly around?: Entered;
}

/** An argument as it stands in its call, with what the functions around that call were given. */
export interface GivenArgument extends PlacedExpression {
  readonly entered: Entered;
}

export const nothingEntered: Entered = { given: new Map() };

/** A function of the workspace, with what the functions around it were given. */
export interface FunctionValue {
  readonly source: PlacedExpression['source'];
  readonly lambda: Lambda;
  readonly entered: Entered;
}

/** Names that are followed to a function, and calls that give one; nobody hands one on so often. */
const longestWay = 40;

/**
 * The function that an expression is: written there, bound to a name or in a
 * set, given as an argument, the value of a file, or what another function gives
 * back for its first arguments. Undefined where it is none of the workspace's.
 */
export function functionValue(
  place: PlacedExpression,
  entered: Entered,
  callers: CallerIndex,
  steps = longestWay,
): FunctionValue | undefined {
  if (steps === 0) return undefined;
  const { source } = place;
  const expression = unwrap(place.expression);
  const next = (inner: Expression, from = source, within = entered): FunctionValue | undefined =>
    functionValue({ source: from, expression: inner }, within, callers, steps - 1);
  switch (expression.kind) {
    case 'lambda':
      return { source, lambda: expression, entered };
    case 'let':
    case 'with':
    case 'assert':
      return next(expression.body);
    case 'variable': {
      const resolution = resolveName(expression.name, source.scopes.scopeOf(expression));
      if (resolution.kind !== 'lexical') return undefined;
      const { definition } = resolution;
      if (definition.kind === 'binding')
        return definition.binding.path.length === 1 ? next(definition.binding.value) : undefined;
      if (definition.kind !== 'parameter' && definition.kind !== 'formal') return undefined;
      const argument = entered.given.get(definition.lambda);
      const given =
        argument && definition.kind === 'formal' ? attributeOf(argument, expression.name) : argument;
      return argument && given && next(given.expression, given.source, argument.entered);
    }
    case 'select': {
      const base = unwrap(expression.base);
      const [name, ...more] = staticNames(expression.path) ?? [];
      if (base.kind !== 'variable' || name === undefined || more.length > 0) return undefined;
      const resolution = resolveName(base.name, source.scopes.scopeOf(base));
      if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return undefined;
      const { binding } = resolution.definition;
      const found = binding.path.length === 1 && attributeOf({ source, expression: binding.value }, name);
      return found ? next(found.expression) : undefined;
    }
    case 'apply': {
      if (isNamed(unwrap(expression.fn), 'import')) {
        const imported = importedFile(expression, source);
        const file = imported && callers.resolveFile(imported.path);
        return file && next(file.root, file, nothingEntered);
      }
      const called = next(expression.fn);
      return (
        called && next(called.lambda.body, called.source, enter(called, { source, expression }, entered))
      );
    }
    default:
      return undefined;
  }
}

/** What is entered when a function is called. */
export function enter(
  { lambda, entered }: FunctionValue,
  { source, expression: call }: { readonly source: PlacedExpression['source']; readonly expression: Apply },
  around: Entered,
): Entered {
  const argument = { source, expression: call.argument, entered: around };
  return { given: new Map(entered.given).set(lambda, argument), call, around };
}

/** True where an expression was reached through the same calls, one within the other. */
export function isSameWayIn(one: Entered, other: Entered): boolean {
  let [left, right]: [Entered | undefined, Entered | undefined] = [one, other];
  while (left && right) {
    if (left === right) return true;
    if (left.call !== right.call) return false;
    [left, right] = [left.around, right.around];
  }
  return left === right;
}

/** A call with the argument that a function gets from it. */
export interface CallOf {
  readonly source: PlacedExpression['source'];
  readonly apply: Apply;
  /** Set for `callPackage`: arguments that are not given come from its package set. */
  readonly callPackage?: Expression;
}

/** The calls of a function that are known. */
export interface Calls {
  readonly calls: readonly CallOf[];
  /** False where there are more: what an outer function gives back is called elsewhere, under a name. */
  readonly isWhole: boolean;
}

/** The calls of a function; of one that another function gives back, the calls of that with one more argument. */
export function callsOf(lambda: Lambda, source: PlacedExpression['source'], callers: CallerIndex): Calls {
  let inner: Expression = lambda;
  let outer = source.scopes.parentOf(inner);
  while (outer && bodyOf(outer) === inner && outer.kind !== 'lambda') {
    inner = outer;
    outer = source.scopes.parentOf(inner);
  }
  if (outer?.kind !== 'lambda' || outer.body !== inner) return { calls: callers.find(lambda), isWhole: true };
  const ofOuter = callsOf(outer, source, callers);
  const calls = ofOuter.calls.flatMap((call) => {
    const apply = callWithMore(call);
    return apply ? [{ source: call.source, apply }] : [];
  });
  return { calls, isWhole: ofOuter.isWhole && calls.length === ofOuter.calls.length };
}

/** The call with all arguments that one after the other are given to what it gives back. */
export function wholeCall(call: CallOf): Apply {
  let whole = call.apply;
  for (let more = callWithMore(call); more; more = callWithMore({ ...call, apply: more })) whole = more;
  return whole;
}

function callWithMore({ source, apply }: CallOf): Apply | undefined {
  let fn: Expression = apply;
  let parent = source.scopes.parentOf(fn);
  while (parent?.kind === 'parenthesized') {
    fn = parent;
    parent = source.scopes.parentOf(fn);
  }
  return parent?.kind === 'apply' && parent.fn === fn ? parent : undefined;
}

/** The expression whose value an expression has, where it stands last in it. */
function bodyOf(expression: Expression): Expression | undefined {
  switch (expression.kind) {
    case 'parenthesized':
      return expression.inner;
    case 'let':
    case 'with':
    case 'assert':
    case 'lambda':
      return expression.body;
    default:
      return undefined;
  }
}
