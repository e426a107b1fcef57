import * as z from 'zod';
import { pathExpression } from '../../nix/pathExpressions.ts';
import type { ContextWorkspace } from '../contextWorkspace.ts';
import { capturedIn } from '../functionNames.ts';
import type { RebuiltScope } from '../rebuiltScope.ts';
import type { FunctionCall } from './callSite.ts';

const count = z.number().int().nonnegative();

/** Evaluates calls with capturing functions in them, and makes a file of each set that was caught. */
export async function capturedCalls(
  scopes: readonly RebuiltScope[],
  call: (scope: RebuiltScope) => string,
  { nix }: Pick<ContextWorkspace, 'nix'>,
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
