import type { Cause, CauseKind, CauseStep } from '../check/report.ts';
import type { System } from '../model/system.ts';
import {
  unwrap,
  type Apply,
  type AttributeSet,
  type Expression,
  type Lambda,
  type Select,
  type Span,
  type Variable,
} from '../syntax/ast.ts';
import { resolveName, type Definition, type Scope } from '../syntax/scopes.ts';
import { rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { importedFile, type Place } from './callers.ts';
import { argumentSet, calledLambda, isImport, systemArguments } from './calls.ts';
import { describeCause, shortText, unknownCause, type Shadow } from './describeCause.ts';
import { placeKey, type EvidenceIndex } from './evidence.ts';
import { attributeOf, findBinding, isNamed, leaves, selectNames, staticNames } from './setLiterals.ts';

/** Where an expression's value comes from. */
export interface Provenance {
  /** The expression nearest to the cause that still has the value itself. */
  readonly origin: Place;
  readonly cause: Cause;
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

const looksLikeSystem =
  /^[a-z0-9_]+-(linux|darwin|windows|freebsd|netbsd|openbsd|cygwin|none|wasi|redox|solaris|genode|ghcjs|mmix)$/;

/**
 * Follows a derivation-valued expression through bindings, `with`, arguments and
 * files to the expression that chose its platform. Names are resolved by Nix's
 * scoping rules; where only an evaluation can tell (which `with` gave a name,
 * whether a default was used) the observations are asked.
 *
 * @param expected the systems that its consumers need, to tell a wrong literal from a right one
 */
export function traceProvenance(start: Place, index: EvidenceIndex, expected: readonly System[]): Provenance {
  const walk: Walk = { steps: [], visited: new Set(), entered: new Map(), origin: start, isValue: true };
  const cause = new Tracer(index, walk, expected).run(start);
  return { origin: walk.origin, cause };
}

class Tracer {
  readonly #index: EvidenceIndex;
  readonly #walk: Walk;
  readonly #expected: readonly System[];

  constructor(index: EvidenceIndex, walk: Walk, expected: readonly System[]) {
    this.#index = index;
    this.#walk = walk;
    this.#expected = expected;
  }

  run(start: Place): Cause {
    return this.#follow(start, []) ?? unknownCause(this.#walk.steps);
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
        return this.#followFirst(
          this.#likelier(source, [expression.consequence, expression.alternative]),
          path,
        );
      case 'attribute-set':
        return this.#followAttribute(source, expression, path);
      case 'binary':
        if (expression.operator === '//')
          return this.#followFirst([here(expression.right), here(expression.left)], path);
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
    const seen = (branch: Expression): number => (this.#index.observationAt(source, unwrap(branch)) ? 0 : 1);
    return [...branches].sort((a, b) => seen(a) - seen(b)).map((expression) => ({ source, expression }));
  }

  #followVariable(source: SourceFile, variable: Variable, path: readonly string[]): Cause | undefined {
    if (variable.name === '__currentSystem') return this.#currentSystem(source, variable);
    return this.#followName(source, variable, variable.name, source.scopes.scopeOf(variable), path);
  }

  #followName(
    source: SourceFile,
    span: Span,
    name: string,
    scope: Scope,
    path: readonly string[],
  ): Cause | undefined {
    const resolution = resolveName(name, scope);
    switch (resolution.kind) {
      case 'lexical':
        this.#noteShadow(source, span, name, resolution.definition);
        return this.#followDefinition(source, span, name, resolution.definition, path);
      case 'with': {
        const given = this.#index.observationAt(source, span)?.givenBy?.[0];
        const chosen = resolution.candidates.find(
          (candidate) => given && placeKey(rangeIn(source, candidate.environment)) === placeKey(given),
        );
        const candidates = chosen ? [chosen] : resolution.candidates;
        this.#leaveValue();
        for (const candidate of candidates) {
          const { environment } = candidate;
          this.#step(
            source,
            environment,
            `\`${name}\` comes from \`with ${shortText(source, environment)}\``,
          );
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
        for (const caller of this.#index.callers.find(definition.lambda, source)) {
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
    if (fallback && this.#index.isUsedDefault(source, fallback)) {
      this.#step(source, fallback, `\`${name}\` is the default of an argument that nobody gives`);
      return this.#follow({ source, expression: fallback }, path);
    }
    for (const caller of this.#index.callers.find(definition.lambda, source)) {
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
    if (this.#index.evidence.givenArguments.has(name) && unwrap(source.root) === definition.lambda) {
      return this.#cause(
        'argument',
        source,
        definition.formal,
        `the argument \`${name}\` of the evaluation was given so`,
      );
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
    const baseIsDerivation = this.#index.isDerivation(source, base);
    if (!baseIsDerivation) this.#leaveValue();
    const taken = names ? [...names, ...path] : [];
    return this.#follow({ source, expression: select.base }, taken);
  }

  /** `legacyPackages.<system>`, `packages.<system>`: the system stands in the attribute path. */
  #flakeSystem(source: SourceFile, select: Select): Cause | undefined {
    for (const [index, name] of select.path.entries()) {
      const next = select.path[index + 1];
      if (
        name.kind !== 'static' ||
        !next ||
        !/^(legacyPackages|packages|checks|devShells|apps)$/.test(name.name)
      )
        continue;
      if (next.kind === 'dynamic') {
        this.#leaveValue();
        this.#step(source, next.expression, `this chooses the system of \`${name.name}\``);
        return this.#follow({ source, expression: next.expression }, []);
      }
      if (looksLikeSystem.test(next.name) && !this.#expected.includes(next.name)) {
        const text = shortText(source, { start: select.start, end: next.end });
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
    const called = calledLambda(source, fn, this.#index.callers);
    const packageSet = this.#packageSetCall(source, apply, called?.lambda);
    if (packageSet !== 'no') return packageSet;
    if (called && !called.takesSystem) {
      this.#walk.entered.set(called.lambda, here(apply.argument));
      return this.#follow({ source: called.source, expression: called.lambda.body }, path);
    }

    const imported = importedFile(fn, source);
    if (imported?.callPackage) {
      this.#leaveValue();
      return this.#follow(here(imported.callPackage), []);
    }
    // `foo.override { … }`, `pkgs.buildEnv { … }`, `stdenv.mkDerivation { … }`: made by what has the function.
    if (fn.kind === 'select') {
      const method = fn.path.at(-1);
      const isOverride = method?.kind === 'static' && method.name.startsWith('override');
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
    const file = imported && this.#index.callers.resolveFile(imported.path);
    return file && this.#follow({ source: file, expression: file.root }, path);
  }

  /**
   * A call that makes a package set or a configuration: its `system` decides.
   * 'no' where the call is none.
   */
  #packageSetCall(source: SourceFile, apply: Apply, lambda: Lambda | undefined): Cause | undefined | 'no' {
    const fn = unwrap(apply.fn);
    const takesSystem = lambda?.formals?.some((formal) => systemArguments.includes(formal.name.name));
    const importsForeign = !lambda && isImport(source, fn);
    if (!takesSystem && !importsForeign) return 'no';
    const set = argumentSet({ source, expression: apply.argument });
    if (!set) return 'no';
    this.#leaveValue();
    for (const name of systemArguments) {
      const given = attributeOf(set, name);
      if (!given) continue;
      const inner =
        attributeOf({ source: given.source, expression: unwrap(given.expression) }, 'system') ?? given;
      this.#step(source, apply, `\`${shortText(source, apply)}\` is made with this \`${name}\``);
      return this.#followSystem(inner);
    }
    const packages = attributeOf(set, 'pkgs');
    if (packages) return this.#follow(packages, []);
    return this.#cause(
      'package-set-without-system',
      source,
      apply,
      `\`${shortText(source, apply)}\` is made without \`system\`, so it takes builtins.currentSystem, here ${this.#index.evidence.evaluatedAs}`,
    );
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
    if (value === undefined || !looksLikeSystem.test(value) || this.#expected.includes(value))
      return undefined;
    return this.#cause(
      'hard-coded-system',
      source,
      expression,
      `the system is written down here as \`"${value}"\``,
    );
  }

  #currentSystem(source: SourceFile, span: Span): Cause {
    return this.#cause(
      'current-system',
      source,
      span,
      `the system is \`builtins.currentSystem\`: that of the machine that evaluates, here ${this.#index.evidence.evaluatedAs}`,
    );
  }

  #cause(kind: CauseKind, source: SourceFile, span: Span, reason: string): Cause {
    return describeCause({ kind, source, span, reason }, this.#walk.steps, this.#walk.shadow);
  }

  #noteShadow(source: SourceFile, span: Span, name: string, definition: Definition): void {
    for (const lost of this.#index.shadowsAt(source, span) ?? []) {
      const right = lost.hosts.some((host) => this.#expected.includes(host));
      const environment = this.#index.placeOf(lost.environment);
      const winner =
        definition.kind === 'binding'
          ? definition.binding
          : definition.kind === 'formal'
            ? definition.formal
            : undefined;
      if (!right || !environment || !winner || this.#walk.shadow) continue;
      this.#walk.shadow = {
        name,
        environment,
        hosts: lost.hosts,
        winner: { source, span: winner },
      };
    }
  }

  /** From here on the walk follows a set that has the value, no longer the value. */
  #leaveValue(): void {
    this.#walk.isValue = false;
  }

  #moveOrigin(value: Place): void {
    const leaf = leaves(value.expression).find((candidate) =>
      this.#index.observationAt(value.source, candidate),
    );
    if (leaf) this.#walk.origin = { source: value.source, expression: leaf };
  }

  #step(source: SourceFile, span: Span, message: string): void {
    this.#walk.steps.push({ source: rangeIn(source, span), text: textOf(source, span), message });
  }
}
