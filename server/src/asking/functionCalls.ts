import { basename, dirname, resolve } from 'node:path';
import * as z from 'zod';
import { CallerIndex } from '../attribution/callers.ts';
import { inSlices } from '../model/slices.ts';
import { unwrap, type Apply, type Expression, type Lambda, type PathLiteral } from '../syntax/ast.ts';
import { relativePathLiterals } from '../syntax/pathLiterals.ts';
import { textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { pathExpression } from '../nix/pathExpressions.ts';
import { composedValue, partsOf } from '../targets/composition.ts';
import { absoluteText } from './absoluteText.ts';
import { called, configurationOf, flakeValue, givenArguments, moduleArguments } from './targetArguments.ts';
import { UnknownScopeError, type ContextWorkspace } from './contextWorkspace.ts';
import {
  captured,
  capturedIn,
  capturingFunction,
  capturingResult,
  mostCaptured,
  type Curried,
} from './functionNames.ts';
import type { RebuiltScope } from './rebuiltScope.ts';

/** Functions whose calls are being looked for, so that one that calls itself ends the search. */
export type Visited = ReadonlySet<Lambda>;

/** A function with the expressions around it, from the file's own value inwards. */
export interface FunctionPlace {
  readonly source: SourceFile;
  readonly functions: Curried;
  readonly chain: readonly Expression[];
}

/** One call: the scope around the function, and the file whose value is the set of what it binds. */
export interface FunctionCall {
  readonly scope: RebuiltScope;
  readonly file: string;
}

interface Search {
  readonly workspace: ContextWorkspace;
  readonly visited: Visited;
  readonly scopesOf: (
    source: SourceFile,
    expression: Expression,
    workspace: ContextWorkspace,
    visited: Visited,
  ) => Promise<readonly RebuiltScope[]>;
}

/**
 * Finds what a function is called with, from the nearest evidence to the
 * farthest: the expression that it is handed to, the places that call it by
 * name, the files that name its file, the target itself, the configuration that
 * it is a module of.
 *
 * @param scopes around the function
 * @throws UnknownScopeError where no call is found
 */
export async function callsOf(
  place: FunctionPlace,
  scopes: readonly RebuiltScope[],
  search: Search,
): Promise<readonly FunctionCall[]> {
  const [lambda] = place.functions;
  if (search.visited.has(lambda)) throw new UnknownScopeError('a function around it calls itself');
  const inner = { ...search, visited: new Set([...search.visited, lambda]) };
  for (const find of [targetCalls, handedOver, namedCalls, fileCalls, moduleCalls]) {
    const calls = await find(place, scopes, inner);
    if (calls.length > 0) return calls;
  }
  const { file, lines } = place.source;
  const line = lines.rangeOf(lambda).start.line + 1;
  throw new UnknownScopeError(`no call of the function at ${basename(file)}:${line} was found`);
}

/** The function is the value of the target's file, or the `outputs` of its flake. */
async function targetCalls(
  { source, functions, chain }: FunctionPlace,
  scopes: readonly RebuiltScope[],
  { workspace }: Search,
): Promise<FunctionCall[]> {
  const { target, nix } = workspace;
  const [lambda] = functions;
  const isRoot = chain.every((at) => at.kind === 'parenthesized' || at.kind === 'let');
  const outer = isRoot || isOutputs(source, lambda) ? scopes : [];
  const capturing = capturingFunction(source, functions);
  const expression = ((): string | undefined => {
    if (target.kind === 'flake' && isOutputs(source, lambda)) {
      return `let flake = ${flakeValue(dirname(source.file))}; in (${capturing}) (flake.inputs // { self = flake; })`;
    }
    if (!isRoot || !lambda.formals) return undefined;
    if (target.kind === 'file' && isFileOf(target.file, source))
      return called(`(${capturing})`, givenArguments(target.arguments, workspace), lambda.ellipsis);
    return undefined;
  })();
  const files =
    expression === undefined
      ? []
      : await Promise.all(outer.map((scope) => definedCall(scope, scope.wrap(expression))));
  if (target.kind !== 'composed' || target.composition !== 'call-package' || !isRoot) return files;
  if (!isFileOf(target.file, source)) return files;
  return Promise.all(
    outer.map(async (scope) => {
      const file = pathExpression(await nix.define(scope.wrap(capturing)));
      return definedCall(scope, composedValue(target, { ...partsOf(target), file }));
    }),
  );

  async function definedCall(scope: RebuiltScope, value: string): Promise<FunctionCall> {
    return { scope, file: await nix.define(`(${value}).${captured}`) };
  }
}

/** `genAttrs systems (system: …)`: what it is handed to is evaluated with a function that tells its arguments. */
async function handedOver(
  { source, functions, chain }: FunctionPlace,
  scopes: readonly RebuiltScope[],
  search: Search,
): Promise<FunctionCall[]> {
  const [lambda] = functions;
  const outermost = outermostCall(lambda, chain);
  if (!outermost) return [];
  const name = calledName(outermost);
  if (name !== undefined && folds.test(name)) return [];
  const capturing =
    name !== undefined && mappers.test(name)
      ? capturingFunction(source, functions)
      : capturingResult(source, functions);
  const { start, end } = lambda;
  const text = absoluteText(source, outermost, [{ start, end, text: `(${capturing})` }]);
  return capturedCalls(scopes, (scope) => scope.wrap(text), search);
}

/** Functions that put each result into what they make, and look at none. */
const mappers = /^(map|mapAttrs|genAttrs|genList|imap0|imap1|mapAttrsToList)$/;
/** Functions that hand a result on to the next call: only the last one would be seen. */
const folds = /^(fold|foldl'?|foldr|foldAttrs|foldlAttrs|concatMapStringsSep|filter|sort|partition)$/;

function calledName(call: Expression): string | undefined {
  let fn = call;
  while (fn.kind === 'apply' || fn.kind === 'parenthesized') fn = fn.kind === 'apply' ? fn.fn : fn.inner;
  if (fn.kind === 'variable') return fn.name;
  const last = fn.kind === 'select' ? fn.path.at(-1) : undefined;
  return last?.kind === 'static' ? last.name : undefined;
}

/** The calls around an argument, as far out as they go: `f a (lambda) b`. */
function outermostCall(lambda: Lambda, chain: readonly Expression[]): Expression | undefined {
  let inner: Expression = lambda;
  let found: Expression | undefined;
  for (const at of chain.toReversed()) {
    if (at.kind === 'parenthesized') {
      inner = at;
      continue;
    }
    if (at.kind !== 'apply' || (found ? at.fn !== inner : at.argument !== inner)) break;
    inner = at;
    found = at;
  }
  return found;
}

/** `f = system: …` is called by its name in the same file; what is handed over unseen is not known. */
async function namedCalls(
  { source, functions }: FunctionPlace,
  scopes: readonly RebuiltScope[],
  search: Search,
): Promise<FunctionCall[]> {
  const { workspace, visited, scopesOf } = search;
  const [lambda] = functions;
  const callers = await inSlices(CallerIndex.of(new Map([[source.file, source]])));
  const found: FunctionCall[] = [];
  for (const { source: at, apply, callPackage } of callers.find(lambda)) {
    if (callPackage) continue;
    const call = callWith(functions.length, apply, at);
    if (!call) continue;
    const text = argumentsOf(call, apply).map((argument) => `(${absoluteText(at, argument)})`);
    for (const caller of await scopesOf(at, call, workspace, visited)) {
      const given = text.map((argument) => `(${caller.wrap(argument)})`).join(' ');
      for (const scope of scopes) {
        const value = scope.wrap(`(${capturingFunction(source, functions)})`);
        found.push({ scope, file: await workspace.nix.define(`(${value} ${given}).${captured}`) });
      }
    }
  }
  return found;
}

/** The call that gives a function so many arguments, the first of them by `apply`. */
function callWith(number: number, apply: Apply, source: SourceFile): Apply | undefined {
  let call = apply;
  for (let left = number - 1; left > 0; left--) {
    let around = source.scopes.parentOf(call);
    while (around?.kind === 'parenthesized') around = source.scopes.parentOf(around);
    if (around?.kind !== 'apply' || unwrap(around.fn) !== call) return undefined;
    call = around;
  }
  return call;
}

/** The arguments of a call, from the one that `first` gives. */
function argumentsOf(call: Apply, first: Apply): Expression[] {
  const found = [call.argument];
  let at: Expression = call;
  while (at !== first && at.kind === 'apply') {
    at = unwrap(at.fn);
    if (at.kind === 'apply') found.unshift(at.argument);
  }
  return found;
}

/** Another file calls this one: `callPackage ./x.nix { }`, `import ./x.nix { … }`. */
async function fileCalls(
  { source, functions, chain }: FunctionPlace,
  scopes: readonly RebuiltScope[],
  search: Search,
): Promise<FunctionCall[]> {
  if (!chain.every((at) => at.kind === 'parenthesized' || at.kind === 'let')) return [];
  const { workspace, visited, scopesOf } = search;
  const found: FunctionCall[] = [];
  for await (const caller of namingFiles(source, workspace)) {
    for (const path of pathsTo(source, caller)) {
      const call = callAround(caller, path);
      if (!call) continue;
      for (const at of await scopesOf(caller, call, workspace, visited)) {
        for (const scope of scopes) {
          const file = await workspace.nix.define(scope.wrap(capturingFunction(source, functions)));
          const { start, end } = path;
          const text = absoluteText(caller, call, [{ start, end, text: pathExpression(file) }]);
          found.push(...(await capturedCalls([at], (outer) => outer.wrap(text), search, scope)));
        }
      }
      if (found.length >= mostCaptured) return found;
    }
  }
  return found;
}

/** The files whose text has the name by which a path leads to this one. */
async function* namingFiles(
  source: SourceFile,
  { texts, parse }: ContextWorkspace,
): AsyncGenerator<SourceFile> {
  const { file } = source;
  const names = [
    basename(file),
    ...(basename(file) === 'default.nix' ? [basename(dirname(file)), '..', './.'] : []),
  ];
  for (const [path, text] of texts)
    if (path === file) yield source;
    else if (names.some((name) => text.includes(name))) yield await parse(path, text);
}

function pathsTo(source: SourceFile, caller: SourceFile): PathLiteral[] {
  return [...relativePathLiterals(caller.root)].filter((path) => {
    const named = resolve(dirname(caller.file), textOf(caller, path));
    return path.interpolations.length === 0 && isFileOf(named, source);
  });
}

/** `import ./x.nix` alone is the function itself: it takes one more argument to be a call. */
function callAround(source: SourceFile, path: PathLiteral): Expression | undefined {
  let found: Expression | undefined;
  let at = source.scopes.parentOf(path);
  while (at?.kind === 'apply' || at?.kind === 'parenthesized') {
    if (at.kind === 'apply') found = at;
    at = source.scopes.parentOf(at);
  }
  return found;
}

/** A module's arguments are those of the configuration. */
async function moduleCalls(
  { source, functions }: FunctionPlace,
  scopes: readonly RebuiltScope[],
  { workspace }: Search,
): Promise<FunctionCall[]> {
  const configuration = configurationOf(workspace);
  const [lambda, ...inner] = functions;
  const isModule = lambda.formals && lambda.ellipsis && inner.length === 0;
  if (configuration === undefined || !isModule) return [];
  const evaluated = await workspace.nix.define(configuration);
  const given = await workspace.nix.define(moduleArguments(`(import ${pathExpression(evaluated)})`));
  return Promise.all(
    scopes.map(async (scope) => {
      const value = scope.wrap(`(${capturingFunction(source, functions)})`);
      return {
        scope,
        file: await workspace.nix.define(`(${value} (import ${pathExpression(given)})).${captured}`),
      };
    }),
  );
}

const count = z.number().int().nonnegative();

/** Evaluates calls with capturing functions in them, and makes a file of each set that was caught. */
async function capturedCalls(
  scopes: readonly RebuiltScope[],
  call: (scope: RebuiltScope) => string,
  { workspace: { nix } }: Search,
  around?: RebuiltScope,
): Promise<FunctionCall[]> {
  const found: FunctionCall[] = [];
  for (const scope of scopes) {
    const list = pathExpression(await nix.define(capturedIn(call(scope))));
    const length = count.parse(await nix.query(`builtins.length (import ${list})`));
    for (let index = 0; index < length; index++) {
      const file = await nix.define(`builtins.elemAt (import ${list}) ${index}`);
      found.push({ scope: around ?? scope, file });
    }
  }
  return found;
}

function isOutputs(source: SourceFile, lambda: Lambda): boolean {
  const root = unwrap(source.root);
  if (basename(source.file) !== 'flake.nix' || root.kind !== 'attribute-set') return false;
  return root.bindings.some(
    (binding) =>
      binding.kind === 'attribute' &&
      binding.path.length === 1 &&
      binding.path[0]?.kind === 'static' &&
      binding.path[0].name === 'outputs' &&
      unwrap(binding.value) === lambda,
  );
}

/** A directory means its `default.nix`. */
function isFileOf(path: string, source: SourceFile): boolean {
  return path === source.file || `${path}/default.nix` === source.file;
}
