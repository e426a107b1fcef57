import type { Cause, CauseKind, CauseStep } from '../check/report.ts';
import type { SourceRange } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';
import type { System } from '../model/system.ts';
import {
  unwrap,
  type Apply,
  type AttributeName,
  type AttributeSet,
  type Binding,
  type Expression,
  type Lambda,
  type Select,
  type Span,
  type Variable,
} from '../syntax/ast.ts';
import { resolveName, type Definition, type Scope, type ScopeTable } from '../syntax/scopes.ts';
import { expressionAt, rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { CallerIndex, importedFile, type Place } from './callers.ts';

/** What an evaluation told about the workspace's expressions, as far as causes need it. */
export interface Evidence {
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly observations: readonly Observation[];
  /** Formals' defaults that were used. */
  readonly usedDefaults: readonly SourceRange[];
  /** Arguments that the target itself was given, by name. */
  readonly givenArguments: ReadonlySet<string>;
  readonly evaluatedAs: System;
}

/** Where an expression's value comes from. */
export interface Provenance {
  /** The expression nearest to the cause that still has the value itself. */
  readonly origin: Place;
  readonly cause: Cause;
}

interface Shadow {
  readonly name: string;
  readonly environment: Place;
  readonly hosts: readonly System[];
  /** The binding that won. */
  readonly winner: Place;
}

/** State of one walk; `path` are attribute names still to be selected from what is followed. */
interface Walk {
  readonly steps: CauseStep[];
  readonly visited: Set<Expression>;
  readonly entered: Map<Lambda, Place>;
  origin: Place;
  /** True while what is followed still is the derivation, not a set that contains it. */
  isValue: boolean;
  shadow?: Shadow;
}

const systemArguments = ['system', 'localSystem', 'crossSystem'];
const looksLikeSystem = /^[a-z0-9_]+-(linux|darwin|windows|freebsd|netbsd|openbsd|cygwin|none|wasi|redox|solaris|genode|ghcjs|mmix)$/;

/**
 * Follows values through bindings, `with`, arguments and files to the
 * expression that chose their platform. Names are resolved by Nix's scoping
 * rules; where only an evaluation can tell (which `with` gave a name, whether a
 * default was used) the observations are asked.
 */
export class ProvenanceTracer {
  readonly #evidence: Evidence;
  readonly #callers: CallerIndex;
  readonly #byPlace = new Map<string, Observation>();
  readonly #usedDefaults = new Set<string>();

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#callers = new CallerIndex(evidence.sources);
    for (const observation of evidence.observations) this.#byPlace.set(placeKey(observation.source), observation);
    for (const range of evidence.usedDefaults) this.#usedDefaults.add(placeKey(range));
  }

  /**
   * Traces a derivation-valued expression.
   *
   * @param expected the system that its consumer needs, to tell a wrong literal from a right one
   */
  trace(start: Place, expected: readonly System[]): Provenance {
    const walk: Walk = { steps: [], visited: new Set(), entered: new Map(), origin: start, isValue: true };
    const cause = new Tracer(this.#evidence, this.#callers, this.#byPlace, this.#usedDefaults, walk, expected).run(start);
    return { origin: walk.origin, cause };
  }
}

export function placeKey(range: SourceRange): string {
  const { start, end } = range.range;
  return `${range.file}:${start.line}:${start.character}-${end.line}:${end.character}`;
}

class Tracer {
  readonly #evidence: Evidence;
  readonly #callers: CallerIndex;
  readonly #byPlace: ReadonlyMap<string, Observation>;
  readonly #usedDefaults: ReadonlySet<string>;
  readonly #walk: Walk;
  readonly #expected: readonly System[];

  constructor(
    evidence: Evidence,
    callers: CallerIndex,
    byPlace: ReadonlyMap<string, Observation>,
    usedDefaults: ReadonlySet<string>,
    walk: Walk,
    expected: readonly System[],
  ) {
    this.#evidence = evidence;
    this.#callers = callers;
    this.#byPlace = byPlace;
    this.#usedDefaults = usedDefaults;
    this.#walk = walk;
    this.#expected = expected;
  }

  run(start: Place): Cause {
    return this.#follow(start, []) ?? this.#unknown();
  }

  /** Follows an expression from which the attributes `path` are taken. */
  #follow(place: Place, path: readonly string[]): Cause | undefined {
    const expression = unwrap(place.expression);
    const { source } = place;
    if (this.#walk.visited.has(expression) && expression.kind !== 'lambda') return undefined;
    this.#walk.visited.add(expression);
    const here = (next: Expression): Place => ({ source, expression: next });
    switch (expression.kind) {
      case 'variable':
        return this.#followVariable(source, expression, path);
      case 'select':
        return this.#followSelect(source, expression, path);
      case 'apply':
        return this.#followApply(source, expression, path);
      case 'let':
      case 'with':
      case 'assert':
        return this.#follow(here(expression.body), path);
      case 'if':
        return this.#followFirst(this.#likelier(source, [expression.consequence, expression.alternative]), path);
      case 'attribute-set':
        return this.#followAttribute(source, expression, path);
      case 'binary':
        if (expression.operator === '//') return this.#followFirst([here(expression.right), here(expression.left)], path);
        return undefined;
      case 'string':
        return this.#literalSystem(source, expression);
      case 'lambda':
        // Reached as a value only through `import`: the file's function, called with what we know of.
        return this.#follow(here(expression.body), path);
      default:
        return undefined;
    }
  }

  #followFirst(places: readonly Place[], path: readonly string[]): Cause | undefined {
    for (const place of places) {
      const cause = this.#follow(place, path);
      if (cause) return cause;
    }
    return undefined;
  }

  /** Branches that were observed to be used come first. */
  #likelier(source: SourceFile, branches: readonly Expression[]): Place[] {
    const seen = (branch: Expression): number => (this.#observationAt(source, unwrap(branch)) ? 0 : 1);
    return [...branches].sort((a, b) => seen(a) - seen(b)).map((expression) => ({ source, expression }));
  }

  #followVariable(source: SourceFile, variable: Variable, path: readonly string[]): Cause | undefined {
    if (variable.name === '__currentSystem') return this.#currentSystem(source, variable);
    return this.#followName(source, variable, variable.name, source.scopes.scopeOf(variable), path);
  }

  #followName(source: SourceFile, span: Span, name: string, scope: Scope, path: readonly string[]): Cause | undefined {
    const resolution = resolveName(name, scope);
    switch (resolution.kind) {
      case 'lexical':
        this.#noteShadow(source, span, name, resolution.definition);
        return this.#followDefinition(source, span, name, resolution.definition, path);
      case 'with': {
        const given = this.#observationAt(source, span)?.givenBy?.[0];
        const chosen = resolution.candidates.find(
          (candidate) => given && placeKey(rangeIn(source, candidate.environment)) === placeKey(given),
        );
        const candidates = chosen ? [chosen] : resolution.candidates;
        this.#leaveValue();
        for (const candidate of candidates) {
          const { environment } = candidate;
          this.#step(source, environment, `\`${name}\` comes from \`with ${short(source, environment)}\``);
          const cause = this.#follow({ source, expression: environment }, [name, ...path]);
          if (cause) return cause;
          this.#walk.steps.pop();
        }
        return undefined;
      }
      case 'builtin':
      case 'undefined':
        return undefined;
    }
  }

  #followDefinition(
    source: SourceFile,
    span: Span,
    name: string,
    definition: Definition,
    path: readonly string[],
  ): Cause | undefined {
    switch (definition.kind) {
      case 'binding': {
        const { binding } = definition;
        const rest = binding.path.slice(1);
        const value: Place = { source, expression: binding.value };
        if (rest.length > 0) {
          const inner = selectNames(rest, path);
          return inner && this.#follow(value, inner);
        }
        if (this.#walk.isValue) this.#moveOrigin(value);
        else this.#step(source, binding.value, `\`${name}\` is bound here`);
        return this.#follow(value, path);
      }
      case 'inherit':
        return this.#followName(source, span, name, definition.scope, path);
      case 'inherit-from':
        return this.#follow({ source, expression: definition.binding.from }, [name, ...path]);
      case 'formal': {
        const entered = this.#walk.entered.get(definition.lambda);
        const argument = entered && attributeOf(entered, name);
        if (argument) return this.#follow(argument, path);
        return this.#followFormal(source, definition, name, path);
      }
      case 'parameter': {
        const entered = this.#walk.entered.get(definition.lambda);
        if (entered) return this.#follow(entered, path);
        for (const caller of this.#callers.find(definition.lambda, source)) {
          const cause = this.#follow({ source: caller.source, expression: caller.apply.argument }, path);
          if (cause) return cause;
        }
        return undefined;
      }
    }
  }

  #followFormal(
    source: SourceFile,
    definition: Extract<Definition, { kind: 'formal' }>,
    name: string,
    path: readonly string[],
  ): Cause | undefined {
    const { fallback } = definition.formal;
    if (fallback && this.#usedDefaults.has(placeKey(rangeIn(source, fallback)))) {
      this.#step(source, fallback, `\`${name}\` is the default of an argument that nobody gives`);
      return this.#follow({ source, expression: fallback }, path);
    }
    for (const caller of this.#callers.find(definition.lambda, source)) {
      const given = attributeOf({ source: caller.source, expression: caller.apply.argument }, name);
      if (given) {
        this.#step(given.source, given.expression, `the argument \`${name}\` is given here`);
        const cause = this.#follow(given, path);
        if (cause) return cause;
        this.#walk.steps.pop();
      } else if (caller.callPackage) {
        this.#leaveValue();
        const cause = this.#follow({ source: caller.source, expression: caller.callPackage }, []);
        if (cause) return cause;
      }
    }
    if (this.#evidence.givenArguments.has(name) && unwrap(source.root) === definition.lambda) {
      return this.#cause('argument', source, definition.formal, `the argument \`${name}\` of the evaluation was given so`);
    }
    return undefined;
  }

  #followSelect(source: SourceFile, select: Select, path: readonly string[]): Cause | undefined {
    const names = staticNames(select.path);
    const base = unwrap(select.base);
    if (base.kind === 'variable' && base.name === 'builtins' && names?.[0] === 'currentSystem') {
      return this.#currentSystem(source, select);
    }
    const flake = this.#flakeSystem(source, select);
    if (flake) return flake;
    // `nix.perl-bindings` of a wrong `nix`: the place to repair is where `nix` comes from.
    const baseIsDerivation = this.#isObservedDerivation(source, base);
    if (!baseIsDerivation) this.#leaveValue();
    const taken = names ? [...names, ...path] : [];
    return this.#follow({ source, expression: select.base }, taken);
  }

  /** `legacyPackages.<system>`, `packages.<system>`: the system stands in the attribute path. */
  #flakeSystem(source: SourceFile, select: Select): Cause | undefined {
    for (const [index, name] of select.path.entries()) {
      const next = select.path[index + 1];
      if (name.kind !== 'static' || !next || !/^(legacyPackages|packages|checks|devShells|apps)$/.test(name.name)) continue;
      if (next.kind === 'dynamic') {
        this.#leaveValue();
        this.#step(source, next.expression, `this chooses the system of \`${name.name}\``);
        return this.#follow({ source, expression: next.expression }, []);
      }
      if (looksLikeSystem.test(next.name) && !this.#expected.includes(next.name)) {
        const text = short(source, { start: select.start, end: next.end });
        return this.#cause(
          'wrong-flake-system',
          source,
          { start: select.start, end: next.end },
          `\`${text}\` takes the packages of ${next.name} by name`,
        );
      }
    }
    return undefined;
  }

  #followApply(source: SourceFile, apply: Apply, path: readonly string[]): Cause | undefined {
    const fn = unwrap(apply.fn);
    const argument = unwrap(apply.argument);
    const here = (expression: Expression): Place => ({ source, expression });

    if (isNamed(fn, 'import')) return this.#followImported(source, apply, path);
    if (isNamed(fn, 'derivation') || isNamed(fn, 'derivationStrict')) {
      const system = attributeOf(here(argument), 'system');
      return system && this.#followSystem(system);
    }
    const called = this.#calledLambda(source, fn);
    if (called?.packageSetFile !== true && called) {
      this.#walk.entered.set(called.lambda, here(apply.argument));
      const packageSet = this.#packageSetCall(source, apply, called.lambda);
      if (packageSet !== 'no') return packageSet;
      return this.#follow({ source: called.source, expression: called.lambda.body }, path);
    }
    const packageSet = this.#packageSetCall(source, apply, called?.lambda);
    if (packageSet !== 'no') return packageSet;

    const imported = importedFile(fn, source);
    if (imported?.callPackage) {
      this.#leaveValue();
      return this.#follow(here(imported.callPackage), []);
    }
    // `foo.override { … }`, `pkgs.buildEnv { … }`, `stdenv.mkDerivation { … }`: made by what has the function.
    if (fn.kind === 'select') {
      const method = fn.path.at(-1);
      const isOverride = method?.kind === 'static' && /^override/.test(method.name);
      if (!isOverride) this.#leaveValue();
      return this.#follow(here(fn.path.length === 1 || isOverride ? fn.base : fn), []);
    }
    if (fn.kind === 'apply') return this.#follow(here(fn), path);
    if (fn.kind === 'variable') {
      this.#leaveValue();
      return this.#follow(here(fn), []) ?? this.#follow(here(argument), path);
    }
    return undefined;
  }

  /** `import ./x.nix` itself, without further arguments: the file's value. */
  #followImported(source: SourceFile, apply: Apply, path: readonly string[]): Cause | undefined {
    const imported = importedFile(apply, source);
    const file = imported && this.#callers.resolveFile(imported.path);
    return file && this.#follow({ source: file, expression: file.root }, path);
  }

  #calledLambda(
    source: SourceFile,
    fn: Expression,
  ): { readonly source: SourceFile; readonly lambda: Lambda; readonly packageSetFile: boolean } | undefined {
    if (fn.kind === 'lambda') return { source, lambda: fn, packageSetFile: false };
    if (fn.kind === 'variable') {
      const resolution = resolveName(fn.name, source.scopes.scopeOf(fn));
      if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return undefined;
      const bound = unwrap(resolution.definition.binding.value);
      return bound.kind === 'lambda' ? { source, lambda: bound, packageSetFile: false } : this.#calledLambda(source, bound);
    }
    const imported = importedFile(fn, source);
    if (!imported || imported.callPackage) return undefined;
    const file = this.#callers.resolveFile(imported.path);
    const root = file && unwrap(file.root);
    if (!file || root?.kind !== 'lambda') return undefined;
    const takesSystem = root.formals?.some((formal) => systemArguments.includes(formal.name.name)) ?? false;
    return { source: file, lambda: root, packageSetFile: takesSystem };
  }

  /**
   * A call that makes a package set or a configuration: its `system` decides.
   * 'no' where the call is none.
   */
  #packageSetCall(source: SourceFile, apply: Apply, lambda: Lambda | undefined): Cause | undefined | 'no' {
    const fn = unwrap(apply.fn);
    const takesSystem = lambda?.formals?.some((formal) => systemArguments.includes(formal.name.name));
    const importsForeign = !lambda && this.#isImport(source, fn);
    if (!takesSystem && !importsForeign) return 'no';
    const set = this.#argumentSet({ source, expression: apply.argument });
    if (!set) return 'no';
    this.#leaveValue();
    for (const name of systemArguments) {
      const given = attributeOf(set, name);
      if (!given) continue;
      const inner = attributeOf({ source: given.source, expression: unwrap(given.expression) }, 'system') ?? given;
      this.#step(source, apply, `\`${short(source, apply)}\` is made with this \`${name}\``);
      return this.#followSystem(inner);
    }
    const packages = attributeOf(set, 'pkgs');
    if (packages) return this.#follow(packages, []);
    return this.#cause(
      'package-set-without-system',
      source,
      apply,
      `\`${short(source, apply)}\` is made without \`system\`, so it takes builtins.currentSystem, here ${this.#evidence.evaluatedAs}`,
    );
  }

  #isImport(source: SourceFile, fn: Expression): boolean {
    if (fn.kind === 'apply') return isNamed(unwrap(fn.fn), 'import');
    if (fn.kind !== 'variable') return false;
    const resolution = resolveName(fn.name, source.scopes.scopeOf(fn));
    if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return false;
    return this.#isImport(source, unwrap(resolution.definition.binding.value));
  }

  /** The attribute set that an argument is, looking through a name. */
  #argumentSet(argument: Place): Place | undefined {
    const expression = unwrap(argument.expression);
    if (expression.kind === 'attribute-set') return { source: argument.source, expression };
    if (expression.kind === 'binary' && expression.operator === '//') {
      const right = this.#argumentSet({ source: argument.source, expression: expression.right });
      if (right && systemArguments.some((name) => attributeOf(right, name))) return right;
      return this.#argumentSet({ source: argument.source, expression: expression.left });
    }
    if (expression.kind !== 'variable') return undefined;
    const resolution = resolveName(expression.name, argument.source.scopes.scopeOf(expression));
    if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return undefined;
    return this.#argumentSet({ source: argument.source, expression: resolution.definition.binding.value });
  }

  #followSystem(place: Place): Cause | undefined {
    this.#leaveValue();
    return this.#follow(place, []);
  }

  #followAttribute(source: SourceFile, set: AttributeSet, path: readonly string[]): Cause | undefined {
    const [name, ...rest] = path;
    if (name === undefined) {
      const system = attributeOf({ source, expression: set }, 'system');
      return system && this.#followSystem(system);
    }
    const found = findBinding(set, name);
    switch (found?.kind) {
      case 'attribute': {
        const inner = selectNames(found.path.slice(1), rest);
        return inner && this.#follow({ source, expression: found.value }, inner);
      }
      case 'inherit':
        return this.#followName(source, found, name, source.scopes.scopeOf(set), rest);
      case 'inherit-from':
        return this.#follow({ source, expression: found.from }, [name, ...rest]);
      case undefined:
        return undefined;
    }
  }

  #literalSystem(source: SourceFile, expression: Extract<Expression, { kind: 'string' }>): Cause | undefined {
    const { value } = expression;
    if (value === undefined || !looksLikeSystem.test(value) || this.#expected.includes(value)) return undefined;
    return this.#cause('hard-coded-system', source, expression, `the system is written down here as \`"${value}"\``);
  }

  #currentSystem(source: SourceFile, span: Span): Cause {
    return this.#cause(
      'current-system',
      source,
      span,
      `the system is \`builtins.currentSystem\`: that of the machine that evaluates, here ${this.#evidence.evaluatedAs}`,
    );
  }

  #cause(kind: CauseKind, source: SourceFile, span: Span, reason: string): Cause {
    const { shadow, steps } = this.#walk;
    const range = rangeIn(source, span);
    const text = textOf(source, span);
    const allSteps = [...steps, { source: range, text, message: reason }];
    if (!shadow) return { kind, source: range, text, message: `${capitalize(reason)}.`, steps: allSteps };
    const { environment, winner, name } = shadow;
    const with_ = `with ${short(environment.source, environment.expression)}`;
    const host = shadow.hosts.length > 0 ? ` (${shadow.hosts.join(', ')})` : '';
    return {
      kind: 'shadowed-with',
      source: range,
      text,
      message:
        `\`${name}\` is not the one of \`${with_}\`${host} in line ${lineOf(environment)}: ` +
        `the binding of \`${name}\` in line ${lineOf(winner)} shadows it, because a lexical binding always wins over \`with\`. ` +
        `${capitalize(reason)}.`,
      steps: [
        ...steps,
        {
          source: rangeIn(environment.source, environment.expression),
          text: textOf(environment.source, environment.expression),
          message: `this \`with\` has a \`${name}\` too${host}, and loses against the lexical binding`,
        },
        { source: range, text, message: reason },
      ],
    };
  }

  #unknown(): Cause {
    const { steps } = this.#walk;
    const last = steps.at(-1);
    return {
      kind: 'unknown',
      ...(last ? { source: last.source, text: last.text } : {}),
      message: 'What chose its system could not be told from the source.',
      steps,
    };
  }

  #noteShadow(source: SourceFile, span: Span, name: string, definition: Definition): void {
    const observation = this.#shadowObservation(source, span);
    for (const lost of observation?.shadowed ?? []) {
      const right = lost.hosts.some((host) => this.#expected.includes(host));
      const environment = this.#placeOf(lost.environment);
      const winner = definition.kind === 'binding' ? definition.binding : definition.kind === 'formal' ? definition.formal : undefined;
      if (!right || !environment || !winner || this.#walk.shadow) continue;
      this.#walk.shadow = {
        name,
        environment,
        hosts: lost.hosts,
        winner: { source, expression: { kind: 'malformed', start: winner.start, end: winner.end } },
      };
    }
  }

  /** Shadows are reported with the selection (`pkgs.nix`) whose base is the name. */
  #shadowObservation(source: SourceFile, span: Span): Observation | undefined {
    const own = this.#observationAt(source, span);
    if (own?.shadowed) return own;
    const expression = expressionAt(source, span);
    let parent = expression && source.scopes.parentOf(expression);
    while (parent?.kind === 'parenthesized') parent = source.scopes.parentOf(parent);
    return parent?.kind === 'select' ? this.#observationAt(source, parent) : undefined;
  }

  #placeOf(range: SourceRange): Place | undefined {
    const source = this.#evidence.sources.get(range.file);
    if (!source) return undefined;
    const span = { start: source.lines.offsetAt(range.range.start), end: source.lines.offsetAt(range.range.end) };
    const expression = expressionAt(source, span);
    return expression && { source, expression };
  }

  #observationAt(source: SourceFile, span: Span): Observation | undefined {
    return this.#byPlace.get(placeKey(rangeIn(source, span)));
  }

  /** Was this, or what it is bound to, seen to be a derivation? */
  #isObservedDerivation(source: SourceFile, expression: Expression): boolean {
    if (this.#observationAt(source, expression)?.derivations.length) return true;
    if (expression.kind !== 'variable') return false;
    const resolution = resolveName(expression.name, source.scopes.scopeOf(expression));
    if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return false;
    return leaves(resolution.definition.binding.value).some(
      (leaf) => (this.#observationAt(source, leaf)?.derivations.length ?? 0) > 0,
    );
  }

  /** From here on the walk follows a set that has the value, no longer the value. */
  #leaveValue(): void {
    this.#walk.isValue = false;
  }

  #moveOrigin(value: Place): void {
    const leaf = leaves(value.expression).find((candidate) => this.#observationAt(value.source, candidate));
    if (leaf) this.#walk.origin = { source: value.source, expression: leaf };
  }

  #step(source: SourceFile, span: Span, message: string): void {
    this.#walk.steps.push({ source: rangeIn(source, span), text: textOf(source, span), message });
  }
}

/** The expressions that an expression's value may be, below `let`, `with`, `if` and parentheses. */
export function leaves(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'parenthesized':
      return leaves(expression.inner);
    case 'let':
    case 'with':
    case 'assert':
      return leaves(expression.body);
    case 'if':
      return [...leaves(expression.consequence), ...leaves(expression.alternative)];
    default:
      return [expression];
  }
}

/** The expression that a set's literal text gives an attribute. */
function attributeOf(set: Place, name: string): Place | undefined {
  const expression = unwrap(set.expression);
  if (expression.kind !== 'attribute-set') return undefined;
  const found = findBinding(expression, name);
  if (found?.kind === 'attribute') {
    return found.path.length === 1 ? { source: set.source, expression: found.value } : undefined;
  }
  if (found?.kind === 'inherit') {
    return { source: set.source, expression: inheritedVariable(found, name, expression, set.source.scopes) };
  }
  return undefined;
}

/** `inherit a;` means the variable `a` outside the set; made once per binding so that it has a scope. */
function inheritedVariable(
  binding: Extract<Binding, { kind: 'inherit' }>,
  name: string,
  set: AttributeSet,
  scopes: ScopeTable,
): Expression {
  const at = binding.names.find((candidate) => candidate.kind === 'static' && candidate.name === name) ?? binding;
  return scopes.adopt({ kind: 'variable', name, start: at.start, end: at.end }, set);
}

function findBinding(set: AttributeSet, name: string): Binding | undefined {
  return set.bindings.find((binding) =>
    binding.kind === 'attribute'
      ? binding.path[0]?.kind === 'static' && binding.path[0].name === name
      : binding.names.some((candidate) => candidate.kind === 'static' && candidate.name === name),
  );
}

/** What is left of `path` after a binding's own further names; undefined where they part. */
function selectNames(own: readonly AttributeName[], path: readonly string[]): readonly string[] | undefined {
  for (const [index, name] of own.entries()) {
    if (name.kind !== 'static' || path[index] !== name.name) return undefined;
  }
  return path.slice(own.length);
}

function staticNames(path: readonly AttributeName[]): string[] | undefined {
  const names = path.flatMap((name) => (name.kind === 'static' ? name.name : []));
  return names.length === path.length ? names : undefined;
}

function isNamed(expression: Expression, name: string): boolean {
  if (expression.kind === 'variable') return expression.name === name;
  if (expression.kind !== 'select') return false;
  const base = unwrap(expression.base);
  const last = expression.path.at(-1);
  return base.kind === 'variable' && base.name === 'builtins' && last?.kind === 'static' && last.name === name;
}

/** A stretch of source in one line, shortened for a message. */
function short(source: SourceFile, span: Span): string {
  const text = textOf(source, span).replace(/\s+/g, ' ');
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function lineOf(place: Place): number {
  return place.source.lines.positionAt(place.expression.start).line + 1;
}

function capitalize(text: string): string {
  return text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}
