import { CallerIndex } from '../../attribution/callers.ts';
import { unwrap, type Apply, type Expression } from '../../syntax/ast.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';
import { absoluteText } from '../absoluteText.ts';
import { captured, capturingFunction } from '../functionNames.ts';
import type { CallFinder, FunctionCall } from './callSite.ts';

/** `f = system: …` is called by its name in the same file; what is handed over unseen is not known. */
export const namedCalls: CallFinder = function* ({ source, functions }, scopes, { nix }) {
  const [lambda] = functions;
  const callers = new CallerIndex(new Map([[source.file, source]])).find(lambda, source);
  for (const { source: at, apply, callPackage } of callers) {
    if (callPackage) continue;
    const call = callWith(functions.length, apply, at);
    if (!call) continue;
    const text = argumentsOf(call, apply).map((argument) => `(${absoluteText(at, argument)})`);
    yield {
      call: { source: at, expression: call },
      capture: async (outer) => {
        const found: FunctionCall[] = [];
        for (const caller of outer) {
          const given = text.map((argument) => `(${caller.wrap(argument)})`).join(' ');
          for (const scope of scopes) {
            const value = scope.wrap(`(${capturingFunction(source, functions)})`);
            found.push({ scope, file: await nix.define(`(${value} ${given}).${captured}`) });
          }
        }
        return found;
      },
    };
  }
};

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
