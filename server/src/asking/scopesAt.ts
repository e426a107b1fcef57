import { basename } from 'node:path';
import type { AttributeSet, Binding, Expression, Lambda } from '../syntax/ast.ts';
import { expressionsAround } from '../syntax/descent.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { isIdentifier } from '../syntax/identifiers.ts';
import { absoluteText } from './absoluteText.ts';
import { UnknownScopeError, type ContextWorkspace } from './contextWorkspace.ts';
import type { CallFinder, FunctionCall, FunctionPlace } from './calls/callSite.ts';
import { fileCalls } from './calls/fileCalls.ts';
import { handedOver } from './calls/handedOver.ts';
import { moduleCalls } from './calls/moduleCalls.ts';
import { namedCalls } from './calls/namedCalls.ts';
import { targetCalls } from './calls/targetCalls.ts';
import { curriedFrom, functionNames, mostCaptured } from './functionNames.ts';
import { RebuiltScope } from './rebuiltScope.ts';

/** What an expression sees, once for each way in which the workspace calls the functions around it. */
export type FoundScopes =
  | { readonly kind: 'scopes'; readonly scopes: readonly RebuiltScope[] }
  | { readonly kind: 'unknown'; /** For people. */ readonly reason: string };

/** Ways into one expression that are told apart. */
export const mostScopes = 6;

/**
 * Rebuilds the scope of an expression in a warm Nix, from the file's own value
 * down to it: bindings and `with` as they stand there, a function's arguments
 * from its real calls. Nothing is guessed: where a call cannot be found, the
 * scope is unknown.
 *
 * @throws NixFailure where Nix has to be asked for a call and does not answer
 */
export async function scopesAt(
  source: SourceFile,
  expression: Expression,
  workspace: ContextWorkspace,
): Promise<FoundScopes> {
  try {
    return { kind: 'scopes', scopes: await scopesOf(source, expression, workspace, new Set()) };
  } catch (error) {
    if (error instanceof UnknownScopeError) return { kind: 'unknown', reason: error.message };
    throw error;
  }
}

/** @throws UnknownScopeError */
async function scopesOf(
  source: SourceFile,
  expression: Expression,
  workspace: ContextWorkspace,
  visited: Visited,
): Promise<readonly RebuiltScope[]> {
  const { nix } = workspace;
  const chain = chainTo(source, expression);
  let scopes: readonly RebuiltScope[] = [RebuiltScope.empty];
  const enter = async (
    text: string,
    into: (scope: RebuiltScope, file: string) => RebuiltScope,
  ): Promise<void> => {
    scopes = await Promise.all(scopes.map(async (scope) => into(scope, await nix.define(scope.wrap(text)))));
  };
  for (const [index, at] of chain.entries()) {
    const next = chain[index + 1];
    if (!next) break;
    switch (at.kind) {
      case 'let': {
        const names = boundNames(at.bindings);
        const head = absoluteText(source, { start: at.start, end: at.body.start });
        await enter(`${head} { inherit ${names.join(' ')}; }`, (scope, file) => scope.binding(names, file));
        break;
      }
      case 'attribute-set': {
        if (!at.recursive) break;
        const names = boundNames(at.bindings);
        await enter(recursiveSet(source, at), (scope, file) => scope.binding(names, file));
        break;
      }
      case 'with': {
        if (next !== at.body) break;
        await enter(absoluteText(source, at.environment), (scope, file) => scope.within(file));
        break;
      }
      case 'lambda': {
        // Those that follow directly were entered with it.
        if (chain[index - 1]?.kind === 'lambda') break;
        const functions = curriedFrom(at, chain.slice(index + 1));
        const names = functionNames(functions);
        if (names.length === 0) break;
        const place = { source, functions, chain: chain.slice(0, index) };
        const calls = await callsOf(place, scopes, workspace, visited);
        scopes = calls.slice(0, mostScopes).map(({ scope, file }) => scope.binding(names, file));
        break;
      }
      default:
    }
  }
  return scopes;
}

/** Functions whose calls are being looked for, so that one that calls itself ends the search. */
type Visited = ReadonlySet<Lambda>;

/**
 * From the nearest evidence to the farthest: the target itself, the expression
 * that a function is handed to, the places that call it by name, the files that
 * name its file, the configuration that it is a module of.
 */
const finders: readonly CallFinder[] = [targetCalls, handedOver, namedCalls, fileCalls, moduleCalls];

/**
 * Finds what a function is called with.
 *
 * @param scopes around the function
 * @throws UnknownScopeError where no call is found
 */
async function callsOf(
  place: FunctionPlace,
  scopes: readonly RebuiltScope[],
  workspace: ContextWorkspace,
  visited: Visited,
): Promise<readonly FunctionCall[]> {
  const [lambda] = place.functions;
  if (visited.has(lambda)) throw new UnknownScopeError('a function around it calls itself');
  const inner = new Set([...visited, lambda]);
  for (const find of finders) {
    const found: FunctionCall[] = [];
    for await (const { call, capture } of find(place, scopes, workspace)) {
      const outer = call ? await scopesOf(call.source, call.expression, workspace, inner) : scopes;
      found.push(...(await capture(outer)));
      if (found.length >= mostCaptured) break;
    }
    if (found.length > 0) return found;
  }
  const { file, lines } = place.source;
  const line = lines.rangeOf(lambda).start.line + 1;
  throw new UnknownScopeError(`no call of the function at ${basename(file)}:${line} was found`);
}

/** The expressions that hold one, from the file's own to itself. */
function chainTo(source: SourceFile, expression: Expression): Expression[] {
  const chain: Expression[] = [];
  for (const at of expressionsAround(source.root, expression)) {
    chain.push(at);
    if (at === expression) break;
  }
  return chain;
}

function boundNames(bindings: readonly Binding[]): string[] {
  const names = bindings.flatMap((binding) =>
    (binding.kind === 'attribute' ? binding.path.slice(0, 1) : binding.names).flatMap((name) =>
      name.kind === 'static' && isIdentifier(name.name) ? name.name : [],
    ),
  );
  return [...new Set(names)];
}

/** `let { … }` is an old way to write `(rec { … }).body`. */
function recursiveSet(source: SourceFile, set: AttributeSet): string {
  return absoluteText(source, set).replace(/^let\b/, 'rec');
}
