import { unwrap, type Expression, type Select, type Variable, type With } from '../syntax/ast.ts';
import { resolveVariable, type ScopeTable } from '../syntax/scopes.ts';
import type { ProbeLevel } from './probes.ts';

/** How an expression's value is observed, and what is asked besides. */
export type ProbePlan =
  /** Which derivation it is, and nothing else. */
  | { readonly ask: 'value' }
  /** The platforms of the package set that it is selected from. */
  | { readonly ask: 'set'; readonly base: Expression }
  /** Which of these `with`s gives the name, the innermost first, and its platforms. */
  | { readonly ask: 'giving-with'; readonly name: string; readonly withs: readonly With[] }
  /** Which of these `with`s have the name too, and lose against a lexical binding; with `base` also its platforms. */
  | {
      readonly ask: 'losing-withs';
      readonly name: string;
      readonly withs: readonly With[];
      readonly base?: Variable;
    };

/**
 * Tells how an expression that stands where a value is wanted is probed;
 * undefined where it is not: what it is made of may be, all the same. Below the
 * level `imports`, the sets behind values are not asked for.
 */
export function planProbe(
  expression: Expression,
  scopes: ScopeTable,
  level: ProbeLevel,
): ProbePlan | undefined {
  switch (expression.kind) {
    case 'variable':
      return expression.name === '__curPos' ? undefined : planVariable(expression, scopes, level);
    case 'select':
      return planSelect(expression, scopes, level);
    case 'apply':
      return onlyValue;
    case 'binary':
      return expression.operator === '//' ? onlyValue : undefined;
    default:
      return undefined;
  }
}

/** The same for a name of `inherit (from) name;`. */
export function planInheritedFrom(from: Expression, level: ProbeLevel): ProbePlan {
  return asksSets(level) ? { ask: 'set', base: from } : onlyValue;
}

/** Are the package sets behind values asked for, too? */
export function asksSets(level: ProbeLevel): boolean {
  return level !== 'values';
}

const onlyValue: ProbePlan = { ask: 'value' };

/** A name as a value: by the `with` that gives it, or by its lexical binding. */
function planVariable(variable: Variable, scopes: ScopeTable, level: ProbeLevel): ProbePlan | undefined {
  const { name } = variable;
  const resolution = resolveVariable(variable, scopes);
  switch (resolution.kind) {
    case 'builtin':
      return undefined;
    case 'with':
      return asksSets(level) ? { ask: 'giving-with', name, withs: resolution.candidates } : onlyValue;
    case 'lexical':
      return asksSets(level) && resolution.shadowed.length > 0
        ? { ask: 'losing-withs', name, withs: resolution.shadowed }
        : onlyValue;
    case 'undefined':
      return onlyValue;
  }
}

function planSelect(select: Select, scopes: ScopeTable, level: ProbeLevel): ProbePlan {
  if (!asksSets(level)) return onlyValue;
  const base = unwrap(select.base);
  if (base.kind !== 'variable') return { ask: 'set', base };
  const resolution = resolveVariable(base, scopes);
  if (resolution.kind === 'builtin') return onlyValue;
  return resolution.kind === 'lexical' && resolution.shadowed.length > 0
    ? { ask: 'losing-withs', name: base.name, withs: resolution.shadowed, base }
    : { ask: 'set', base };
}
