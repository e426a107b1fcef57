import { resolve } from 'node:path';
import type { ObservedForm } from '../model/observation.ts';
import {
  childrenOf,
  unwrap,
  type Apply,
  type AttributeName,
  type AttributeSet,
  type Binding,
  type Expression,
  type Formal,
  type InheritBinding,
  type InheritFromBinding,
  type Let,
  type PathLiteral,
  type Select,
  type Span,
  type Variable,
  type With,
} from '../syntax/ast.ts';
import { resolveName, type Scope } from '../syntax/scopes.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { interpolatedPath, ownPosition, pathExpression } from '../nix/pathExpressions.ts';
import { isBuiltinImport, pathUse, type PathUse } from './pathUse.ts';
import { probeNameFor, type Probe, type ProbeLevel } from './probes.ts';

/** How instrumented text finds its surroundings. */
export interface InstrumentContext {
  readonly level: ProbeLevel;
  /** False: only paths are rewritten, nothing reports (for the proof of a repair). */
  readonly report: boolean;
  /** Where a relative path literal of this file points to: the file's own directory or, for a flake, that in the store. */
  readonly directory: string;
  /** The probed copy to use instead of this absolute path, or undefined for the original. */
  readonly redirect: (path: string, use: PathUse) => string | undefined;
  /** How the probe library is made for this file, as a Nix expression. */
  readonly library: string;
}

export interface InstrumentedFile {
  readonly text: string;
  readonly probes: readonly Probe[];
}

/**
 * Rewrites a file so that it can be evaluated from another directory and
 * reports the derivations that its expressions have as values. Line breaks stay
 * where they are. The value is the same as the original's.
 */
export function instrument(source: SourceFile, context: InstrumentContext): InstrumentedFile {
  const probes: Probe[] = [];
  const writer = new InstrumentWriter(source, context, probes);
  const value = writer.value(source.root, 'result');
  const body = context.report ? `${writer.name}.f (${value})` : value;
  const { start, end } = source.root;
  const [before, after] = [source.text.slice(0, start), source.text.slice(end)];
  const text = `let ${writer.name} = ${context.library}; in ${before}${body}${after}`;
  return { text, probes };
}

/** Rewrites an expression of the command line; nothing in it reports. */
export function rewritePaths(source: SourceFile, context: InstrumentContext): string {
  return instrument(source, { ...context, report: false }).text;
}

interface Piece extends Span {
  readonly text: string;
}

/** Renders expressions of one file; children are rendered first and spliced into the original text. */
class InstrumentWriter {
  readonly name: string;
  readonly #source: SourceFile;
  readonly #context: InstrumentContext;
  readonly #probes: Probe[];

  constructor(source: SourceFile, context: InstrumentContext, probes: Probe[]) {
    this.name = probeNameFor(source.text);
    this.#source = source;
    this.#context = context;
    this.#probes = probes;
  }

  /** Renders an expression whose value is worth observing. */
  value(expression: Expression, form: ObservedForm): string {
    switch (expression.kind) {
      case 'parenthesized':
        return this.#splice(expression, [this.#piece(expression.inner, this.value(expression.inner, form))]);
      case 'let':
        return this.#let(expression, form);
      case 'with':
        return this.#with(expression, form);
      case 'assert':
        return this.#splice(expression, [
          this.#piece(expression.condition, this.plain(expression.condition)),
          this.#piece(expression.body, this.value(expression.body, form)),
        ]);
      case 'if':
        return this.#splice(expression, [
          this.#piece(expression.condition, this.plain(expression.condition)),
          this.#piece(expression.consequence, this.value(expression.consequence, form)),
          this.#piece(expression.alternative, this.value(expression.alternative, form)),
        ]);
      case 'variable':
        if (expression.name === '__curPos') return this.plain(expression);
        return this.#context.report ? this.#variable(expression, form) : this.plain(expression);
      case 'select':
        return this.#context.report ? this.#select(expression, form) : this.plain(expression);
      case 'apply':
        return this.#context.report
          ? `(${this.#call('v', expression, form)} (${this.plain(expression)}))`
          : this.plain(expression);
      case 'binary':
        if (expression.operator !== '//' || !this.#context.report) return this.plain(expression);
        return `(${this.#call('v', expression, form)} (${this.plain(expression)}))`;
      default:
        return this.plain(expression);
    }
  }

  /** Renders an expression without a probe around it; what is inside may have some. */
  plain(expression: Expression): string {
    switch (expression.kind) {
      case 'let':
        return this.#let(expression, undefined);
      case 'with':
        return this.#with(expression, undefined);
      case 'attribute-set':
        return this.#attributeSet(expression);
      case 'lambda':
        return this.#splice(expression, [
          ...(expression.formals ?? []).flatMap((formal) => this.#formal(formal)),
          this.#piece(expression.body, this.value(expression.body, 'result')),
        ]);
      case 'list':
        return this.#splice(
          expression,
          expression.elements.map((element) => this.#piece(element, this.value(element, 'list-element'))),
        );
      case 'string':
        return this.#splice(
          expression,
          expression.interpolations.map((part) =>
            this.#piece(part.expression, this.value(part.expression, 'interpolation')),
          ),
        );
      case 'path':
        return this.#path(expression);
      case 'variable':
        return expression.name === '__curPos'
          ? `(${ownPosition(expression, this.#source, this.#context.directory)})`
          : expression.name;
      case 'apply':
        return this.#apply(expression);
      case 'binary':
        return this.#computedPath(expression) ?? this.#children(expression);
      default:
        return this.#children(expression);
    }
  }

  #children(expression: Expression): string {
    return this.#splice(
      expression,
      childrenOf(expression).map((child) => this.#piece(child, this.plain(child))),
    );
  }

  #variable(variable: Variable, form: ObservedForm): string {
    const { start, end, name } = variable;
    return this.#named({ start, end }, name, name, this.#scopeOf(variable), form, variable) ?? name;
  }

  /** A name as a value: by the `with` that gives it, or by its lexical binding. */
  #named(
    span: Span,
    name: string,
    text: string,
    scope: Scope,
    form: ObservedForm,
    self?: Variable,
  ): string | undefined {
    const resolution = resolveName(name, scope);
    switch (resolution.kind) {
      case 'builtin':
        return undefined;
      case 'with':
        if (this.#asksSets()) {
          const call = this.#call('w', span, form, { self, withs: resolution.candidates });
          return `(${call} "${name}" ${this.#withList(resolution.candidates)} ${text})`;
        }
        break;
      case 'lexical':
        if (this.#asksSets() && resolution.shadowed.length > 0) {
          const call = this.#call('h', span, form, { self, withs: resolution.shadowed });
          return `(${call} "${name}" ${this.#withList(resolution.shadowed)} null ${text})`;
        }
        break;
      case 'undefined':
        break;
    }
    return `(${this.#call('v', span, form, { self })} ${text})`;
  }

  #select(select: Select, form: ObservedForm): string {
    if (!this.#asksSets()) return `(${this.#call('v', select, form)} (${this.plain(select)}))`;
    const base = unwrap(select.base);
    if (base.kind === 'variable' && resolveName(base.name, this.#scopeOf(base)).kind === 'builtin') {
      return `(${this.#call('v', select, form)} (${this.plain(select)}))`;
    }
    const rest = this.#splice({ start: select.base.end, end: select.end }, this.#selectTail(select));
    if (base.kind !== 'variable') {
      const call = this.#call('s', select, form, { base });
      return `(let ${this.name}_s = ${this.plain(select.base)}; in ${call} ${this.name}_s (${this.name}_s${rest}))`;
    }
    const resolution = resolveName(base.name, this.#scopeOf(base));
    if (resolution.kind === 'lexical' && resolution.shadowed.length > 0) {
      const call = this.#call('h', select, form, { base, withs: resolution.shadowed });
      return `(${call} "${base.name}" ${this.#withList(resolution.shadowed)} ${base.name} (${base.name}${rest}))`;
    }
    return `(${this.#call('s', select, form, { base })} ${base.name} (${base.name}${rest}))`;
  }

  #selectTail(select: Select): Piece[] {
    return [
      ...this.#dynamicNames(select.path),
      ...(select.fallback ? [this.#piece(select.fallback, this.plain(select.fallback))] : []),
    ];
  }

  #dynamicNames(names: readonly AttributeName[]): Piece[] {
    return names.flatMap((name) =>
      name.kind === 'dynamic' ? this.#piece(name.expression, this.plain(name.expression)) : [],
    );
  }

  #apply(apply: Apply): string {
    const argument = unwrap(apply.argument);
    const computed =
      isBuiltinImport(apply.fn, this.#source.scopes) &&
      !(argument.kind === 'path' && argument.interpolations.length === 0);
    return this.#splice(apply, [
      this.#piece(apply.fn, this.plain(apply.fn)),
      this.#piece(
        apply.argument,
        computed
          ? `(${this.name}.i (${this.plain(apply.argument)}))`
          : this.value(apply.argument, 'argument'),
      ),
    ]);
  }

  #formal(formal: Formal): Piece[] {
    if (!formal.fallback) return [];
    const value = this.value(formal.fallback, 'binding');
    if (!this.#context.report) return [this.#piece(formal.fallback, value)];
    return [this.#piece(formal.fallback, `(${this.#call('u', formal.fallback, 'binding')} (${value}))`)];
  }

  #let(expression: Let, form: ObservedForm | undefined): string {
    const { body } = expression;
    return this.#splice(expression, [
      ...this.#bindings(expression.bindings, 'let'),
      this.#piece(body, form ? this.value(body, form) : this.plain(body)),
    ]);
  }

  /** `with e; b` ⇒ `let w = e; in with w; b`, so that probes can ask which `with` gave a name. */
  #with(expression: With, form: ObservedForm | undefined): string {
    const body = form ? this.value(expression.body, form) : this.plain(expression.body);
    const environment = this.plain(expression.environment);
    if (!this.#context.report || !this.#asksSets()) {
      return this.#splice(expression, [
        this.#piece(expression.environment, environment),
        this.#piece(expression.body, body),
      ]);
    }
    const name = this.#withName(expression);
    const between = this.#source.text.slice(expression.environment.end, expression.body.start);
    const before = this.#source.text.slice(expression.start + 'with'.length, expression.environment.start);
    return `let ${name} =${before} ${environment}; in with ${name}${between}${body}`;
  }

  #attributeSet(set: AttributeSet): string {
    const pieces = this.#bindings(set.bindings, set.recursive ? 'recursive' : 'plain');
    const text = this.#splice(set, pieces);
    if (set.recursive) return text;
    const hoisted = set.bindings.flatMap((binding) =>
      binding.kind === 'inherit-from' && this.#isHoisted(binding)
        ? `${this.#hoistedName(binding)} = ${this.plain(binding.from)};`
        : [],
    );
    return hoisted.length > 0 ? `(let ${hoisted.join(' ')} in ${text})` : text;
  }

  #bindings(bindings: readonly Binding[], owner: 'let' | 'recursive' | 'plain'): Piece[] {
    return bindings.flatMap((binding): Piece[] => {
      switch (binding.kind) {
        case 'attribute':
          return [
            ...this.#dynamicNames(binding.path),
            this.#piece(binding.value, this.value(binding.value, 'binding')),
          ];
        case 'inherit':
          return owner === 'plain' && this.#context.report ? [this.#inherit(binding)] : [];
        case 'inherit-from':
          return [this.#inheritFrom(binding, owner)];
      }
    });
  }

  /** `inherit a;` ⇒ `a = a;` outside recursive sets, where both mean the same. */
  #inherit(binding: InheritBinding): Piece {
    const set = binding.names.map((name) => {
      if (name.kind === 'dynamic' || !isIdentifier(name.name)) return `inherit ${this.#text(name)};`;
      const value = this.#named(name, name.name, name.name, this.#inheritScope(binding), 'inherit');
      return value === undefined ? `inherit ${name.name};` : `${name.name} = ${value};`;
    });
    return { start: binding.start, end: binding.end, text: this.#keepLines(binding, set.join(' ')) };
  }

  /** `inherit (e) a;` ⇒ `a = e.a;`, with `e` bound once where it is more than a name. */
  #inheritFrom(binding: InheritFromBinding, owner: 'let' | 'recursive' | 'plain'): Piece {
    const from = unwrap(binding.from);
    const hoisted = this.#isHoisted(binding);
    const dynamic = binding.names.some((name) => name.kind === 'dynamic');
    if (!this.#context.report || dynamic || (hoisted && owner === 'recursive')) {
      return this.#piece(binding.from, this.plain(binding.from));
    }
    const base = hoisted ? this.#hoistedName(binding) : this.plain(from);
    const set = binding.names.map((name) => {
      const key = this.#text(name);
      const call = this.#call(this.#asksSets() ? 's' : 'v', name, 'inherit', { base: from });
      return `${key} = ${call}${this.#asksSets() ? ` (${base})` : ''} ((${base}).${key});`;
    });
    const hoist = hoisted && owner === 'let' ? [`${base} = ${this.plain(binding.from)};`] : [];
    return {
      start: binding.start,
      end: binding.end,
      text: this.#keepLines(binding, [...hoist, ...set].join(' ')),
    };
  }

  #isHoisted(binding: InheritFromBinding): boolean {
    if (!this.#context.report || binding.names.some((name) => name.kind === 'dynamic')) return false;
    const from = unwrap(binding.from);
    const base = from.kind === 'select' ? unwrap(from.base) : from;
    const simple =
      from.kind !== 'select' || (!from.fallback && from.path.every((name) => name.kind === 'static'));
    return !(base.kind === 'variable' && simple);
  }

  #path(path: PathLiteral): string {
    const text = this.#text(path);
    if (path.form !== 'relative') return this.#children(path);
    const use = pathUse(path, this.#source.scopes);
    if (path.interpolations.length === 0) {
      const absolute = resolve(this.#context.directory, text);
      return pathExpression(this.#context.redirect(absolute, use) ?? absolute);
    }
    const rendered = this.#children(path);
    const value = interpolatedPath(this.#context.directory, rendered);
    return use === 'data' ? value : `(${this.name}.p ${value})`;
  }

  /** `./modules + "/x.nix"`: only the evaluated sum tells the file. */
  #computedPath(expression: Expression): string | undefined {
    if (expression.kind !== 'binary' || expression.operator !== '+' || this.#context.level !== 'full')
      return undefined;
    let left: Expression = expression;
    while (left.kind === 'binary' && left.operator === '+') left = unwrap(left.left);
    if (left.kind !== 'path' || left.form !== 'relative') return undefined;
    const parent = this.#source.scopes.parentOf(expression);
    if (parent?.kind === 'binary' && parent.operator === '+') return undefined;
    if (pathUse(expression, this.#source.scopes) === 'data') return undefined;
    return `(${this.name}.p (${this.#children(expression)}))`;
  }

  #call(
    fn: string,
    span: Span,
    form: ObservedForm,
    more: { self?: Variable | undefined; base?: Expression; withs?: readonly With[] } = {},
  ): string {
    const id = this.#probes.length;
    this.#probes.push({
      id,
      file: this.#source.file,
      span: { start: span.start, end: span.end },
      form,
      ...(more.self ? { self: more.self } : {}),
      ...(more.base ? { base: more.base } : {}),
      ...(more.withs ? { withs: more.withs } : {}),
    });
    return `${this.name}.${fn} ${id}`;
  }

  /** Are the package sets behind values asked for, too? */
  #asksSets(): boolean {
    return this.#context.level !== 'values';
  }

  #scopeOf(expression: Expression): Scope {
    return this.#source.scopes.scopeOf(expression);
  }

  /** `inherit a;` looks `a` up outside the set, which is where the set itself stands. */
  #inheritScope(binding: InheritBinding): Scope {
    let at: Expression = this.#source.root;
    let scope = this.#scopeOf(at);
    for (;;) {
      const next = childrenOf(at).find((child) => child.start <= binding.start && binding.end <= child.end);
      if (!next) return scope;
      at = next;
      scope = this.#scopeOf(at);
    }
  }

  #withName(expression: With): string {
    return `${this.name}_w${expression.start}`;
  }

  #withList(withs: readonly With[]): string {
    return `[ ${withs.map((expression) => this.#withName(expression)).join(' ')} ]`;
  }

  #hoistedName(binding: InheritFromBinding): string {
    return `${this.name}_i${binding.start}`;
  }

  #text(span: Span): string {
    return this.#source.text.slice(span.start, span.end);
  }

  #piece(span: Span, text: string): Piece {
    return { start: span.start, end: span.end, text };
  }

  /** Ends a rewritten binding with as many line breaks as the original had. */
  #keepLines(span: Span, text: string): string {
    return text + '\n'.repeat(this.#text(span).split('\n').length - 1);
  }

  #splice(span: Span, pieces: readonly Piece[]): string {
    let text = '';
    let at = span.start;
    for (const piece of [...pieces].sort((a, b) => a.start - b.start)) {
      text += this.#source.text.slice(at, piece.start) + piece.text;
      at = piece.end;
    }
    return text + this.#source.text.slice(at, span.end);
  }
}

function isIdentifier(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name);
}
