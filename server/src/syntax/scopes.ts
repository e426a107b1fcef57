import { perStep, type Steps } from '../model/slices.ts';
import {
  childrenOf,
  type AttributeBinding,
  type AttributeName,
  type Binding,
  type Expression,
  type Formal,
  type InheritBinding,
  type InheritFromBinding,
  type Lambda,
  type Variable,
  type With,
} from './ast.ts';

/** What gives a name its value. */
export type Definition =
  | {
      readonly kind: 'binding';
      readonly binding: AttributeBinding;
      /** Scope of its value. */ readonly scope: Scope;
    }
  | {
      readonly kind: 'inherit';
      readonly binding: InheritBinding;
      /** Where the binding names it. */ readonly name: AttributeName;
      /** Scope outside the set. */ readonly scope: Scope;
    }
  | {
      readonly kind: 'inherit-from';
      readonly binding: InheritFromBinding;
      readonly name: AttributeName;
      readonly scope: Scope;
    }
  | { readonly kind: 'formal'; readonly lambda: Lambda; readonly formal: Formal; readonly scope: Scope }
  | { readonly kind: 'parameter'; readonly lambda: Lambda; readonly scope: Scope };

/** The bindings that an expression sees, innermost first. */
export type Scope =
  | { readonly kind: 'names'; readonly names: ReadonlyMap<string, Definition>; readonly outer: Scope }
  | { readonly kind: 'with'; readonly expression: With; readonly outer: Scope }
  | { readonly kind: 'builtins' };

/**
 * How a variable finds its value (Nix manual, "Scoping rules"; `parser.y` and
 * `ExprVar::bindVars`): a lexical binding always wins over every `with`, however
 * near; among several `with` the innermost that has the attribute wins, which
 * only an evaluation can tell.
 */
export type Resolution =
  | {
      readonly kind: 'lexical';
      readonly definition: Definition;
      /** The `with` expressions that lie between use and binding and lose, innermost first. */
      readonly shadowed: readonly With[];
    }
  | { readonly kind: 'with'; /** Innermost first. */ readonly candidates: readonly With[] }
  | { readonly kind: 'builtin' }
  | { readonly kind: 'undefined' };

/** Names of Nix's global scope that need no `builtins.` (`primops.cc`); lexical to every file. */
const globals = new Set(
  (
    'abort baseNameOf break builtins derivation derivationStrict dirOf false fetchGit fetchMercurial fetchTarball ' +
    'fetchTree fromTOML import isNull map null placeholder removeAttrs scopedImport throw toString true'
  ).split(' '),
);

/** Finds what a name means in a scope. */
export function resolveName(name: string, scope: Scope): Resolution {
  const candidates: With[] = [];
  for (let at = scope; at.kind !== 'builtins'; at = at.outer) {
    if (at.kind === 'with') {
      candidates.push(at.expression);
      continue;
    }
    const definition = at.names.get(name);
    if (definition) return { kind: 'lexical', definition, shadowed: candidates };
  }
  if (globals.has(name) || name.startsWith('__')) return { kind: 'builtin' };
  return candidates.length > 0 ? { kind: 'with', candidates } : { kind: 'undefined' };
}

/** The scopes of all expressions of one file. */
export interface ScopeTable {
  /** The scope in which an expression is evaluated. */
  scopeOf(expression: Expression): Scope;
  /** What a name in `inherit a;` stands for: the variable `a` outside the set. */
  inheritedVariable(name: AttributeName): Variable | undefined;
  /** The expression that contains this one directly. */
  parentOf(expression: Expression): Expression | undefined;
}

const emptyScope: Scope = { kind: 'builtins' };

/** Walks a file once and notes every expression's scope and parent. */
export function* analyzeScopes(root: Expression): Steps<ScopeTable> {
  const scopes = new Map<Expression, Scope>();
  const parents = new Map<Expression, Expression>();
  const inherited = new Map<AttributeName, Variable>();

  function* visit(expression: Expression, scope: Scope): Steps<void> {
    scopes.set(expression, scope);
    if (scopes.size % perStep === 0) yield;
    const children = childrenOf(expression);
    for (const child of children) parents.set(child, expression);
    switch (expression.kind) {
      case 'let': {
        const inner = bindingScope(expression.bindings, scope);
        yield* visitBindings(expression.bindings, inner, scope);
        yield* visit(expression.body, inner);
        return;
      }
      case 'attribute-set': {
        const inner = expression.recursive ? bindingScope(expression.bindings, scope) : scope;
        yield* visitBindings(expression.bindings, inner, scope);
        return;
      }
      case 'lambda': {
        const inner = lambdaScope(expression, scope);
        for (const child of children) yield* visit(child, inner);
        return;
      }
      case 'with':
        yield* visit(expression.environment, scope);
        yield* visit(expression.body, { kind: 'with', expression, outer: scope });
        return;
      default:
        for (const child of children) yield* visit(child, scope);
    }
  }
  function* visitBindings(bindings: readonly Binding[], inner: Scope, outer: Scope): Steps<void> {
    for (const binding of bindings) {
      const names = binding.kind === 'attribute' ? binding.path : binding.names;
      for (const name of names) if (name.kind === 'dynamic') yield* visit(name.expression, inner);
      if (binding.kind === 'attribute') yield* visit(binding.value, inner);
      if (binding.kind === 'inherit-from') yield* visit(binding.from, inner);
      if (binding.kind !== 'inherit') continue;
      for (const name of binding.names) {
        if (name.kind === 'dynamic') continue;
        const variable: Variable = { kind: 'variable', name: name.name, start: name.start, end: name.end };
        inherited.set(name, variable);
        scopes.set(variable, outer);
      }
    }
  }
  yield* visit(root, emptyScope);

  return {
    scopeOf: (expression) => scopes.get(expression) ?? emptyScope,
    inheritedVariable: (name) => inherited.get(name),
    parentOf: (expression) => parents.get(expression),
  };
}

function bindingScope(bindings: readonly Binding[], outer: Scope): Scope {
  const names = new Map<string, Definition>();
  const scope: Scope = { kind: 'names', names, outer };
  for (const binding of bindings) {
    switch (binding.kind) {
      case 'attribute': {
        const first = binding.path[0];
        // `a.b = …` binds `a` to a set that is made of several bindings; the first one stands for it.
        if (first?.kind === 'static' && !names.has(first.name)) {
          names.set(first.name, { kind: 'binding', binding, scope });
        }
        break;
      }
      case 'inherit':
        for (const name of binding.names) {
          if (name.kind === 'static') names.set(name.name, { kind: 'inherit', binding, name, scope: outer });
        }
        break;
      case 'inherit-from':
        for (const name of binding.names) {
          if (name.kind === 'static') names.set(name.name, { kind: 'inherit-from', binding, name, scope });
        }
        break;
    }
  }
  return scope;
}

function lambdaScope(lambda: Lambda, outer: Scope): Scope {
  const names = new Map<string, Definition>();
  const scope: Scope = { kind: 'names', names, outer };
  for (const formal of lambda.formals ?? [])
    names.set(formal.name.name, { kind: 'formal', lambda, formal, scope });
  if (lambda.parameter) names.set(lambda.parameter.name, { kind: 'parameter', lambda, scope });
  return scope;
}

/** What a variable means where it stands. */
export function resolveVariable(variable: Variable, table: ScopeTable): Resolution {
  return resolveName(variable.name, table.scopeOf(variable));
}
