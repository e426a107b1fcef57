import type { Expression } from '../../syntax/ast.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';
import type { ContextWorkspace } from '../contextWorkspace.ts';
import type { Curried } from '../functionNames.ts';
import type { RebuiltScope } from '../rebuiltScope.ts';

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

/** A place where a function may get its arguments. */
export interface CallSite {
  /** The call, where another scope than the one around the function has to be known for it. */
  readonly call?: { readonly source: SourceFile; readonly expression: Expression };
  /** Finds what the function is called with there. @param outer scopes of the call, else around the function */
  readonly capture: (outer: readonly RebuiltScope[]) => Promise<readonly FunctionCall[]>;
}

/**
 * Finds places of one kind that may call a function, the nearest first.
 *
 * @param scopes around the function
 */
export type CallFinder = (
  place: FunctionPlace,
  scopes: readonly RebuiltScope[],
  workspace: ContextWorkspace,
) => Iterable<CallSite> | AsyncIterable<CallSite>;

/** A directory means its `default.nix`. */
export function isFileOf(path: string, source: SourceFile): boolean {
  return path === source.file || `${path}/default.nix` === source.file;
}
