import { dirname, resolve } from 'node:path';
import { unwrap, type Apply, type AttributeBinding, type Expression, type Lambda } from '../syntax/ast.ts';
import { expressionsOf } from '../syntax/descent.ts';
import { resolveVariable, type Definition } from '../syntax/scopes.ts';
import { textOf, type SourceFile } from '../syntax/sourceFile.ts';
import type { Steps } from '../model/slices.ts';
import { attributeOf, boundNames } from './setLiterals.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** A place where a function gets an argument. */
export interface Caller {
  readonly source: SourceFile;
  readonly apply: Apply;
  /** Set for `callPackage`: arguments that are not given come from its package set. */
  readonly callPackage?: Expression;
}

/** After how many expressions the caller of {@link CallerIndex.of} may give way to others. */
const expressionsOfStep = 100;

/**
 * Answers "who calls this function?" and "who gives this argument to modules?"
 * over the files of a workspace. All files are walked through once, when it is
 * made: a question looks at nothing but its answers.
 */
export class CallerIndex {
  readonly #sources: ReadonlyMap<string, SourceFile>;
  readonly #callers = new Map<Lambda, Caller[]>();
  readonly #moduleArguments = new Map<string, ModuleArgument[]>();

  private constructor(sources: ReadonlyMap<string, SourceFile>) {
    this.#sources = sources;
  }

  static *of(sources: ReadonlyMap<string, SourceFile>): Steps<CallerIndex> {
    const index = new CallerIndex(sources);
    let seen = 0;
    for (const source of sources.values()) {
      for (const expression of expressionsOf(source.root)) {
        if (++seen % expressionsOfStep === 0) yield;
        if (expression.kind === 'apply') index.#addCall(source, expression);
        if (expression.kind !== 'attribute-set' && expression.kind !== 'let') continue;
        for (const binding of expression.bindings)
          if (binding.kind === 'attribute') index.#addModuleArguments(source, binding);
      }
    }
    return index;
  }

  /** Calls of a function that a name is bound to, or that is a file's own value. */
  find(lambda: Lambda): readonly Caller[] {
    return this.#callers.get(lambda) ?? [];
  }

  /**
   * What a module gets for an argument besides the usual ones: `specialArgs` of
   * the call that makes the configuration, or `_module.args` of another module
   * (nixpkgs, `lib/modules.nix`).
   */
  moduleArguments(name: string): readonly PlacedExpression[] {
    return (this.#moduleArguments.get(name) ?? []).flatMap(({ place, isSet }) =>
      isSet ? (attributeOf(place, name) ?? []) : place,
    );
  }

  /** The workspace's file that a path means, directories by their `default.nix`. */
  resolveFile(path: string): SourceFile | undefined {
    return this.#sources.get(path) ?? this.#sources.get(`${path}/default.nix`);
  }

  #addCall(source: SourceFile, apply: Apply): void {
    const callee = unwrap(apply.fn);
    const imported = importedFile(callee, source);
    if (!imported) {
      this.#add(calledIn(callee, source), { source, apply });
      return;
    }
    const file = this.resolveFile(imported.path);
    const { callPackage } = imported;
    this.#add(file && unwrap(file.root), { source, apply, ...(callPackage && { callPackage }) });
  }

  #add(callee: Expression | undefined, caller: Caller): void {
    if (callee?.kind !== 'lambda') return;
    const callers = this.#callers.get(callee);
    if (callers) callers.push(caller);
    else this.#callers.set(callee, [caller]);
  }

  #addModuleArguments(source: SourceFile, { path, value }: AttributeBinding): void {
    const [beforeLast, secondLast, last] = [path.at(-3), path.at(-2), path.at(-1)].map((part) =>
      part?.kind === 'static' ? part.name : undefined,
    );
    const place = { source, expression: value };
    if (last !== undefined && secondLast === 'args' && beforeLast === '_module')
      this.#addModuleArgument(last, { place, isSet: false });
    const isSet =
      last === 'specialArgs' || last === 'extraSpecialArgs' || (last === 'args' && secondLast === '_module');
    if (!isSet) return;
    for (const name of boundNames(value)) this.#addModuleArgument(name, { place, isSet: true });
  }

  #addModuleArgument(name: string, argument: ModuleArgument): void {
    const known = this.#moduleArguments.get(name);
    if (known) known.push(argument);
    else this.#moduleArguments.set(name, [argument]);
  }
}

interface ModuleArgument {
  readonly place: PlacedExpression;
  /** It is a set that has the argument; else it is the argument. */
  readonly isSet: boolean;
}

/** The function that a call of its own file calls: literally, or by a name that is bound to it. */
function calledIn(callee: Expression, source: SourceFile): Expression | undefined {
  if (callee.kind !== 'variable') return callee;
  const resolution = resolveVariable(callee, source.scopes);
  const bound = resolution.kind === 'lexical' ? boundValue(resolution.definition) : undefined;
  return bound && unwrap(bound);
}

/** The value that a definition gives directly. */
function boundValue(definition: Definition): Expression | undefined {
  return definition.kind === 'binding' && definition.binding.path.length === 1
    ? definition.binding.value
    : undefined;
}

/** For `import ./x.nix` and `callPackage ./x.nix`: the absolute path, and callPackage's own expression. */
export function importedFile(
  callee: Expression,
  source: SourceFile,
): { readonly path: string; readonly callPackage?: Expression } | undefined {
  if (callee.kind !== 'apply') return undefined;
  const path = unwrap(callee.argument);
  if (path.kind !== 'path' || path.form !== 'relative' || path.interpolations.length > 0) return undefined;
  const fn = unwrap(callee.fn);
  const last = fn.kind === 'select' ? fn.path.at(-1) : undefined;
  const name = fn.kind === 'variable' ? fn.name : last?.kind === 'static' ? last.name : undefined;
  const absolute = resolve(dirname(source.file), textOf(source, path));
  if (name === 'import') return { path: absolute };
  return name?.endsWith('allPackage') ? { path: absolute, callPackage: fn } : undefined;
}
