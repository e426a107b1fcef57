import { resolve } from 'node:path';
import type { Steps } from '../model/slices.ts';
import { interpolatedPath, ownPosition, pathExpression } from '../nix/pathExpressions.ts';
import {
  childrenOf,
  unwrap,
  type Apply,
  type Expression,
  type PathLiteral,
  type Variable,
} from '../syntax/ast.ts';
import { textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { isBuiltinImport, pathUse, readsContent, type PathUse } from './pathUse.ts';
import type { ProbeLevel } from './probes.ts';
import { piece, splice, type Piece } from './splice.ts';

/** Where the paths of a file lead when it is evaluated from another directory. */
export interface PathContext {
  /** Only at the level `full` do computed paths lead to copies. */
  readonly level: ProbeLevel;
  /** Where a relative path literal of this file points to: the file's own directory or, for a flake, that in the store. */
  readonly directory: string;
  /** The probed copy to use instead of this absolute path, or undefined for the original. */
  readonly redirect: (path: string, use: PathUse) => string | undefined;
  /** A file with the text that this absolute path has after a repair; undefined where no repair edits it. */
  readonly edited: (path: string) => string | undefined;
  /** How the probe library is made for this file, as a Nix expression. */
  readonly library: string;
}

/**
 * Rewrites what depends on where a file lies: path literals, computed paths and
 * `__curPos`. What is inside them is rendered by `render`.
 */
export class PathRewriter {
  readonly #source: SourceFile;
  readonly #context: PathContext;
  /** Of the probe library. */
  readonly #name: string;
  readonly #render: (expression: Expression) => Steps<string>;

  constructor(
    source: SourceFile,
    context: PathContext,
    name: string,
    render: (expression: Expression) => Steps<string>,
  ) {
    this.#source = source;
    this.#context = context;
    this.#name = name;
    this.#render = render;
  }

  *path(path: PathLiteral): Steps<string> {
    if (path.form !== 'relative') return yield* this.children(path);
    const use = pathUse(path, this.#source.scopes);
    if (path.interpolations.length === 0) {
      const absolute = resolve(this.#context.directory, textOf(this.#source, path));
      const edited = readsContent(path, this.#source.scopes) ? this.#context.edited(absolute) : undefined;
      return pathExpression(edited ?? this.#context.redirect(absolute, use) ?? absolute);
    }
    const value = interpolatedPath(this.#context.directory, yield* this.children(path));
    return use === 'data' ? value : `(${this.#name}.p ${value})`;
  }

  /** `./modules + "/x.nix"`: only the evaluated sum tells the file. Undefined where it is no such sum. */
  *computedPath(expression: Expression): Steps<string | undefined> {
    if (expression.kind !== 'binary' || expression.operator !== '+' || this.#context.level !== 'full')
      return undefined;
    let left: Expression = expression;
    while (left.kind === 'binary' && left.operator === '+') left = unwrap(left.left);
    if (left.kind !== 'path' || left.form !== 'relative') return undefined;
    const parent = this.#source.scopes.parentOf(expression);
    if (parent?.kind === 'binary' && parent.operator === '+') return undefined;
    if (pathUse(expression, this.#source.scopes) === 'data') return undefined;
    return `(${this.#name}.p (${yield* this.children(expression)}))`;
  }

  /** The argument of an `import` whose file only an evaluation can tell; undefined for any other argument. */
  *computedImport({ fn, argument }: Apply): Steps<string | undefined> {
    const path = unwrap(argument);
    const isLiteral = path.kind === 'path' && path.interpolations.length === 0;
    if (isLiteral || !isBuiltinImport(fn, this.#source.scopes)) return undefined;
    return `(${this.#name}.i (${yield* this.#render(argument)}))`;
  }

  /** `__curPos` names the place in the original. */
  ownPosition(variable: Variable): string {
    return `(${ownPosition(variable, this.#source, this.#context.directory)})`;
  }

  /** An expression with what is inside rendered. */
  *children(expression: Expression): Steps<string> {
    const pieces: Piece[] = [];
    for (const child of childrenOf(expression)) pieces.push(piece(child, yield* this.#render(child)));
    return splice(this.#source.text, expression, pieces);
  }
}
