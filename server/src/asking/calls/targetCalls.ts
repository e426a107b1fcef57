import { basename, dirname } from 'node:path';
import { pathExpression } from '../../nix/pathExpressions.ts';
import { unwrap, type Lambda } from '../../syntax/ast.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';
import { composedValue, compositionParts } from '../../targets/composition.ts';
import type { ContextWorkspace } from '../contextWorkspace.ts';
import { captured, capturingFunction } from '../functionNames.ts';
import type { RebuiltScope } from '../rebuiltScope.ts';
import { called, flakeValue, givenArguments } from '../contextArguments.ts';
import { isFileOf, type CallFinder, type FunctionCall, type FunctionPlace } from './callSite.ts';

/** The function is the value of the target's file, or the `outputs` of its flake. */
export const targetCalls: CallFinder = function* (place, _scopes, workspace) {
  yield { capture: (scopes) => capture(place, scopes, workspace) };
};

async function capture(
  { source, functions, chain }: FunctionPlace,
  scopes: readonly RebuiltScope[],
  workspace: ContextWorkspace,
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
      return definedCall(scope, composedValue(target, { ...compositionParts(target), file }));
    }),
  );

  async function definedCall(scope: RebuiltScope, value: string): Promise<FunctionCall> {
    return { scope, file: await nix.define(`(${value}).${captured}`) };
  }
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
