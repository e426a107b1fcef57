import type { ObservedForm } from '../model/observation.ts';
import { atOnce, forEach, perStep, type Steps } from '../model/slices.ts';
import {
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
  type Select,
  type Span,
  type Variable,
  type With,
} from '../syntax/ast.ts';
import { nixString } from '../nix/nixString.ts';
import { textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { packageSetCall } from './packageSetCall.ts';
import { isBuiltinImport } from './pathUse.ts';
import { asksSets, planInheritedFrom, planProbe, type ProbePlan } from './probePlan.ts';
import { probeNameFor, type Probe } from './probes.ts';
import { PathRewriter, type PathContext } from './rewritePaths.ts';
import { piece, splice, type Piece } from './splice.ts';

/** How instrumented text finds its surroundings. */
export interface InstrumentContext extends PathContext {
  /** False: only paths are rewritten, nothing reports (for the proof of a repair). */
  readonly report: boolean;
  /** True: package sets are shared with what the same Nix evaluated before. */
  readonly sharesSets?: boolean;
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
export function* instrument(source: SourceFile, context: InstrumentContext): Steps<InstrumentedFile> {
  const probes: Probe[] = [];
  const writer = new InstrumentWriter(source, context, probes);
  const value = yield* writer.value(source.root, 'result');
  const body = context.report ? `${writer.name}.f (${value})` : value;
  const { start, end } = source.root;
  const [before, after] = [source.text.slice(0, start), source.text.slice(end)];
  const text = `let ${writer.name} = ${context.library}; in ${before}${body}${after}`;
  return { text, probes };
}

/** Rewrites an expression of the command line; nothing in it reports. */
export function rewritePaths(source: SourceFile, context: InstrumentContext): string {
  return atOnce(instrument(source, { ...context, report: false })).text;
}

/** The functions of the probe library, by what they ask. */
const functionOf: Readonly<Record<ProbePlan['ask'], string>> = {
  value: 'v',
  set: 's',
  'giving-with': 'w',
  'losing-withs': 'h',
};

/** Renders expressions of one file; children are rendered first and spliced into the original text. */
class InstrumentWriter {
  readonly name: string;
  readonly #source: SourceFile;
  readonly #context: InstrumentContext;
  readonly #probes: Probe[];
  readonly #paths: PathRewriter;
  #written = 0;

  constructor(source: SourceFile, context: InstrumentContext, probes: Probe[]) {
    this.name = probeNameFor(source.text);
    this.#source = source;
    this.#context = context;
    this.#probes = probes;
    this.#paths = new PathRewriter(source, context, this.name, (inner) => this.plain(inner));
  }

  /** Renders an expression whose value is worth observing. */
  *value(expression: Expression, form: ObservedForm): Steps<string> {
    this.#written += 1;
    if (this.#written % perStep === 0) yield;
    switch (expression.kind) {
      case 'parenthesized':
        return this.#splice(expression, [yield* this.#value(expression.inner, form)]);
      case 'let':
        return yield* this.#let(expression, form);
      case 'with':
        return yield* this.#with(expression, form);
      case 'assert':
        return this.#splice(expression, [
          yield* this.#plain(expression.condition),
          yield* this.#value(expression.body, form),
        ]);
      case 'if':
        return this.#splice(expression, [
          yield* this.#plain(expression.condition),
          yield* this.#value(expression.consequence, form),
          yield* this.#value(expression.alternative, form),
        ]);
      default:
        return (yield* this.#probed(expression, form)) ?? (yield* this.plain(expression));
    }
  }

  /** Renders an expression without a probe around it; what is inside may have some. */
  *plain(expression: Expression): Steps<string> {
    switch (expression.kind) {
      case 'let':
        return yield* this.#let(expression, undefined);
      case 'with':
        return yield* this.#with(expression, undefined);
      case 'attribute-set':
        return yield* this.#attributeSet(expression);
      case 'lambda':
        return this.#splice(expression, [
          ...(yield* forEach(expression.formals ?? [], (formal) => this.#formal(formal))).flat(),
          yield* this.#value(expression.body, 'result'),
        ]);
      case 'list':
        return this.#splice(
          expression,
          yield* forEach(expression.elements, (element) => this.#value(element, 'list-element')),
        );
      case 'string':
        return this.#splice(
          expression,
          yield* forEach(expression.interpolations, (part) => this.#value(part.expression, 'interpolation')),
        );
      case 'path':
        return yield* this.#paths.path(expression);
      case 'variable':
        return expression.name === '__curPos' ? this.#paths.ownPosition(expression) : expression.name;
      case 'apply':
        return yield* this.#apply(expression);
      case 'binary':
        return (yield* this.#paths.computedPath(expression)) ?? (yield* this.#paths.children(expression));
      default:
        return yield* this.#paths.children(expression);
    }
  }

  /** Renders an expression with a probe around it; undefined where it has none. */
  *#probed(expression: Expression, form: ObservedForm): Steps<string | undefined> {
    const { report, level } = this.#context;
    const plan = report ? planProbe(expression, this.#source.scopes, level) : undefined;
    if (!plan) return undefined;
    if (expression.kind === 'variable') return this.#probedName(plan, expression, form, expression);
    if (expression.kind === 'select' && plan.ask !== 'value')
      return yield* this.#probedSelect(plan, expression, form);
    return `(${this.#call(plan, expression, form)} (${yield* this.plain(expression)}))`;
  }

  /** @param self set where the name is an expression of its own */
  #probedName(plan: ProbePlan, { name, start, end }: Variable, form: ObservedForm, self?: Variable): string {
    const call = this.#call(plan, { start, end }, form, self && { self });
    switch (plan.ask) {
      case 'giving-with':
        return `(${call} "${name}" ${this.#withList(plan.withs)} ${name})`;
      case 'losing-withs':
        return `(${call} "${name}" ${this.#withList(plan.withs)} null ${name})`;
      default:
        return `(${call} ${name})`;
    }
  }

  /** The set is evaluated once, for the selection and for the question. */
  *#probedSelect(plan: ProbePlan, select: Select, form: ObservedForm): Steps<string> {
    const rest = this.#splice({ start: select.base.end, end: select.end }, [
      ...(yield* this.#dynamicNames(select.path)),
      ...(select.fallback ? [yield* this.#plain(select.fallback)] : []),
    ]);
    const base = unwrap(select.base);
    if (base.kind !== 'variable') {
      const call = this.#call(plan, select, form);
      return `(let ${this.name}_s = ${yield* this.plain(select.base)}; in ${call} ${this.name}_s (${this.name}_s${rest}))`;
    }
    const call = this.#call(plan, select, form);
    const { name } = base;
    return plan.ask === 'losing-withs'
      ? `(${call} "${name}" ${this.#withList(plan.withs)} ${name} (${name}${rest}))`
      : `(${call} ${name} (${name}${rest}))`;
  }

  *#dynamicNames(names: readonly AttributeName[]): Steps<Piece[]> {
    const dynamic = names.flatMap((name) => (name.kind === 'dynamic' ? [name.expression] : []));
    return yield* forEach(dynamic, (expression) => this.#plain(expression));
  }

  *#apply(apply: Apply): Steps<string> {
    const call = this.#context.sharesSets ? packageSetCall(apply, this.#source) : undefined;
    if (call) {
      const path =
        (yield* this.#paths.computedImport(call.importing)) ??
        (yield* this.value(call.importing.argument, 'argument'));
      const given = yield* this.value(apply.argument, 'argument');
      const names = call.systems.map(nixString).join(' ');
      return `(${this.name}.k [ ${names} ] ${nixString(call.constants)} (${path}) (${given}))`;
    }
    const argument =
      (yield* this.#paths.computedImport(apply)) ?? (yield* this.value(apply.argument, 'argument'));
    const isShared = this.#context.sharesSets && isBuiltinImport(apply.fn, this.#source.scopes);
    const fn = isShared ? piece(apply.fn, `${this.name}.m `) : yield* this.#plain(apply.fn);
    return this.#splice(apply, [fn, piece(apply.argument, argument)]);
  }

  *#formal({ fallback }: Formal): Steps<Piece[]> {
    if (!fallback) return [];
    if (!this.#context.report) return [yield* this.#value(fallback, 'binding')];
    const value = yield* this.value(fallback, 'binding');
    const id = this.#place({ file: this.#source.file, span: spanOf(fallback), form: 'binding' });
    return [piece(fallback, `(${this.name}.u ${id} (${value}))`)];
  }

  *#let(expression: Let, form: ObservedForm | undefined): Steps<string> {
    const { body } = expression;
    return this.#splice(expression, [
      ...(yield* this.#bindings(expression.bindings, 'let')),
      form ? yield* this.#value(body, form) : yield* this.#plain(body),
    ]);
  }

  /** `with e; b` ⇒ `let w = e; in with w; b`, so that probes can ask which `with` gave a name. */
  *#with(expression: With, form: ObservedForm | undefined): Steps<string> {
    const body = form ? yield* this.#value(expression.body, form) : yield* this.#plain(expression.body);
    const environment = yield* this.#plain(expression.environment);
    if (!this.#context.report || !asksSets(this.#context.level))
      return this.#splice(expression, [environment, body]);
    const name = this.#withName(expression);
    const between = this.#source.text.slice(expression.environment.end, expression.body.start);
    const before = this.#source.text.slice(expression.start + 'with'.length, expression.environment.start);
    return `let ${name} =${before} ${environment.text}; in with ${name}${between}${body.text}`;
  }

  *#attributeSet(set: AttributeSet): Steps<string> {
    const pieces = yield* this.#bindings(set.bindings, set.recursive ? 'recursive' : 'plain');
    const text = this.#splice(set, pieces);
    if (set.recursive) return text;
    const hoisted: string[] = [];
    for (const binding of set.bindings) {
      if (binding.kind !== 'inherit-from' || !this.#isHoisted(binding)) continue;
      hoisted.push(`${this.#hoistedName(binding)} = ${yield* this.plain(binding.from)};`);
    }
    return hoisted.length > 0 ? `(let ${hoisted.join(' ')} in ${text})` : text;
  }

  *#bindings(bindings: readonly Binding[], owner: 'let' | 'recursive' | 'plain'): Steps<Piece[]> {
    const pieces = yield* forEach(bindings, (binding) => this.#binding(binding, owner));
    return pieces.flat();
  }

  *#binding(binding: Binding, owner: 'let' | 'recursive' | 'plain'): Steps<Piece[]> {
    switch (binding.kind) {
      case 'attribute':
        return [...(yield* this.#dynamicNames(binding.path)), yield* this.#value(binding.value, 'binding')];
      case 'inherit':
        return owner === 'plain' && this.#context.report ? [this.#inherit(binding)] : [];
      case 'inherit-from':
        return [yield* this.#inheritFrom(binding, owner)];
    }
  }

  /** `inherit a;` ⇒ `a = a;` outside recursive sets, where both mean the same. */
  #inherit(binding: InheritBinding): Piece {
    const { scopes } = this.#source;
    const set = binding.names.map((name) => {
      const variable = scopes.inheritedVariable(name);
      if (!variable || !isIdentifier(variable.name)) return `inherit ${textOf(this.#source, name)};`;
      const plan = planProbe(variable, scopes, this.#context.level);
      return plan
        ? `${variable.name} = ${this.#probedName(plan, variable, 'inherit')};`
        : `inherit ${variable.name};`;
    });
    return this.#keepLines(binding, set);
  }

  /** `inherit (e) a;` ⇒ `a = e.a;`, with `e` bound once where it is more than a name. */
  *#inheritFrom(binding: InheritFromBinding, owner: 'let' | 'recursive' | 'plain'): Steps<Piece> {
    const from = unwrap(binding.from);
    const hoisted = this.#isHoisted(binding);
    const dynamic = binding.names.some((name) => name.kind === 'dynamic');
    if (!this.#context.report || dynamic || (hoisted && owner === 'recursive'))
      return yield* this.#plain(binding.from);
    const base = hoisted ? this.#hoistedName(binding) : yield* this.plain(from);
    const plan = planInheritedFrom(from, this.#context.level);
    const asked = plan.ask === 'set' ? ` (${base})` : '';
    const set = binding.names.map((name) => {
      const key = textOf(this.#source, name);
      return `${key} = ${this.#call(plan, name, 'inherit', { base: from })}${asked} ((${base}).${key});`;
    });
    const hoist = hoisted && owner === 'let' ? [`${base} = ${yield* this.plain(binding.from)};`] : [];
    return this.#keepLines(binding, [...hoist, ...set]);
  }

  #isHoisted(binding: InheritFromBinding): boolean {
    if (!this.#context.report || binding.names.some((name) => name.kind === 'dynamic')) return false;
    const from = unwrap(binding.from);
    const base = from.kind === 'select' ? unwrap(from.base) : from;
    const simple =
      from.kind !== 'select' || (!from.fallback && from.path.every((name) => name.kind === 'static'));
    return !(base.kind === 'variable' && simple);
  }

  /** Places a probe; its function of the library still needs its arguments. */
  #call(
    plan: ProbePlan,
    span: Span,
    form: ObservedForm,
    more: { readonly self?: Variable; readonly base?: Expression } = {},
  ): string {
    const id = this.#place({
      file: this.#source.file,
      span: spanOf(span),
      form,
      ...('base' in plan && { base: plan.base }),
      ...('withs' in plan && { withs: plan.withs }),
      ...more,
    });
    return `${this.name}.${functionOf[plan.ask]} ${id}`;
  }

  #place(probe: Omit<Probe, 'id'>): number {
    const id = this.#probes.length;
    this.#probes.push({ id, ...probe });
    return id;
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

  *#value(expression: Expression, form: ObservedForm): Steps<Piece> {
    return piece(expression, yield* this.value(expression, form));
  }

  *#plain(expression: Expression): Steps<Piece> {
    return piece(expression, yield* this.plain(expression));
  }

  /** A rewritten binding, which ends with as many line breaks as the original had. */
  #keepLines(binding: Span, texts: readonly string[]): Piece {
    const lineBreaks = textOf(this.#source, binding).split('\n').length - 1;
    return piece(binding, texts.join(' ') + '\n'.repeat(lineBreaks));
  }

  #splice(span: Span, pieces: readonly Piece[]): string {
    return splice(this.#source.text, span, pieces);
  }
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

function isIdentifier(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name);
}
