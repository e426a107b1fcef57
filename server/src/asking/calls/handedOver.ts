import type { Expression, Lambda } from '../../syntax/ast.ts';
import { absoluteText } from '../absoluteText.ts';
import { capturingFunction, capturingResult } from '../functionNames.ts';
import type { CallFinder } from './callSite.ts';
import { capturedCalls } from './capturedCalls.ts';

/** `genAttrs systems (system: …)`: what it is handed to is evaluated with a function that tells its arguments. */
export const handedOver: CallFinder = function* ({ source, functions, chain }, _scopes, workspace) {
  const [lambda] = functions;
  const outermost = outermostCall(lambda, chain);
  if (!outermost) return;
  const name = calledName(outermost);
  if (name !== undefined && folds.test(name)) return;
  const capturing =
    name !== undefined && mappers.test(name)
      ? capturingFunction(source, functions)
      : capturingResult(source, functions);
  const { start, end } = lambda;
  const text = absoluteText(source, outermost, [{ start, end, text: `(${capturing})` }]);
  yield { capture: (scopes) => capturedCalls(scopes, (scope) => scope.wrap(text), workspace) };
};

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
