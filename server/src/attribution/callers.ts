import { dirname, resolve } from 'node:path';
import {
  childrenOf,
  unwrap,
  type Apply,
  type AttributeBinding,
  type Expression,
  type Lambda,
} from '../syntax/ast.ts';
import { resolveVariable, type Definition } from '../syntax/scopes.ts';
import { textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { attributeOf } from './setLiterals.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** A place where a function gets an argument. */
export interface Caller {
  readonly source: SourceFile;
  readonly apply: Apply;
  /** Set for `callPackage`: arguments that are not given come from its package set. */
  readonly callPackage?: Expression;
}

/** Answers "who calls this function?" over the files of a workspace; each file is indexed once. */
export class CallerIndex {
  readonly #sources: ReadonlyMap<string, SourceFile>;
  #applications: { source: SourceFile; apply: Apply }[] | undefined;

  constructor(sources: ReadonlyMap<string, SourceFile>) {
    this.#sources = sources;
  }

  /** Calls of a function that a name is bound to, or that is a file's own value. */
  find(lambda: Lambda, source: SourceFile): Caller[] {
    return this.#all().flatMap(({ source: at, apply }): Caller[] => {
      const callee = unwrap(apply.fn);
      if (at === source && this.#isBoundTo(callee, lambda, at)) return [{ source: at, apply }];
      if (unwrap(source.root) !== lambda) return [];
      const imported = importedFile(callee, at);
      if (!imported || this.resolveFile(imported.path) !== source) return [];
      return [{ source: at, apply, ...(imported.callPackage ? { callPackage: imported.callPackage } : {}) }];
    });
  }

  /**
   * What a module gets for an argument besides the usual ones: `specialArgs` of
   * the call that makes the configuration, or `_module.args` of another module
   * (nixpkgs, `lib/modules.nix`).
   */
  moduleArguments(name: string): PlacedExpression[] {
    return [...this.#sources.values()].flatMap((source) =>
      [...bindingsIn(source.root)].flatMap(({ path, value }): PlacedExpression[] => {
        const names = path.map((part) => (part.kind === 'static' ? part.name : ''));
        const last = names.at(-1);
        if (last === name && names.at(-2) === 'args' && names.at(-3) === '_module')
          return [{ source, expression: value }];
        const isSet =
          last === 'specialArgs' ||
          last === 'extraSpecialArgs' ||
          (last === 'args' && names.at(-2) === '_module');
        const given = isSet ? attributeOf({ source, expression: value }, name) : undefined;
        return given ? [given] : [];
      }),
    );
  }

  /** The workspace's file that a path means, directories by their `default.nix`. */
  resolveFile(path: string): SourceFile | undefined {
    return this.#sources.get(path) ?? this.#sources.get(`${path}/default.nix`);
  }

  #all(): { source: SourceFile; apply: Apply }[] {
    if (!this.#applications) {
      this.#applications = [];
      for (const source of this.#sources.values()) this.#collect(source, source.root, this.#applications);
    }
    return this.#applications;
  }

  #collect(source: SourceFile, expression: Expression, into: { source: SourceFile; apply: Apply }[]): void {
    if (expression.kind === 'apply') into.push({ source, apply: expression });
    for (const child of childrenOf(expression)) this.#collect(source, child, into);
  }

  #isBoundTo(callee: Expression, lambda: Lambda, source: SourceFile): boolean {
    if (callee === lambda) return true;
    if (callee.kind !== 'variable') return false;
    const resolution = resolveVariable(callee, source.scopes);
    if (resolution.kind !== 'lexical') return false;
    const bound = boundValue(resolution.definition);
    return bound !== undefined && unwrap(bound) === lambda;
  }
}

function* bindingsIn(expression: Expression): Generator<AttributeBinding> {
  if (expression.kind === 'attribute-set' || expression.kind === 'let') {
    for (const binding of expression.bindings) if (binding.kind === 'attribute') yield binding;
  }
  for (const child of childrenOf(expression)) yield* bindingsIn(child);
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
