import type { Expression, Lambda } from '../syntax/ast.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { absoluteText } from './absoluteText.ts';

/** A function with those that it gives back at once: `a: { b }: …` binds the names of both. */
export type Curried = readonly [outermost: Lambda, ...Lambda[]];

/** The functions that follow each other directly on the way inwards, of which the first is given. */
export function curriedFrom(lambda: Lambda, inwards: readonly Expression[]): Curried {
  const inner: Lambda[] = [];
  for (const at of inwards) {
    if (at.kind === 'lambda') inner.push(at);
    else if (at.kind !== 'parenthesized') break;
  }
  return [lambda, ...inner];
}

/** The names that functions bind. */
export function functionNames(functions: Curried): string[] {
  const names = functions.flatMap(({ formals = [], parameter }) => [
    ...formals.map(({ name }) => name.name),
    ...(parameter ? [parameter.name] : []),
  ]);
  return [...new Set(names)];
}

/**
 * A function that is called like another and gives back what it is called with,
 * as a set of the names that it binds: defaults and all are as Nix fills them in.
 */
export function capturingFunction(source: SourceFile, functions: Curried): string {
  const [outermost] = functions;
  const innermost = functions.at(-1) ?? outermost;
  const head = absoluteText(source, { start: outermost.start, end: innermost.body.start });
  const open = parenthesesBetween(outermost, innermost.body);
  const result = `{ ${captured} = { inherit ${functionNames(functions).join(' ')}; }; }`;
  return `${head} ${result}${')'.repeat(open)}`;
}

/**
 * A function that gives back what another does, and, where that is a set, what
 * it was called with beside it: so that values that come to it by way of its
 * own results are the real ones. The names are Nix's own, whatever the file
 * binds anew.
 */
export function capturingResult(source: SourceFile, functions: Curried): string {
  const [outermost] = functions;
  const innermost = functions.at(-1) ?? outermost;
  const head = absoluteText(source, { start: outermost.start, end: innermost.body.start });
  const names = functionNames(functions).join(' ');
  const body = `let __npl_result = (${absoluteText(source, innermost.body)}\n); in
    if __isAttrs __npl_result then __npl_result // { ${captured} = { inherit ${names}; }; } else __npl_result`;
  return `${head} (${body})${')'.repeat(parenthesesBetween(outermost, innermost.body))}`;
}

function parenthesesBetween(outer: Lambda, inner: Expression): number {
  let count = 0;
  let at: Expression = outer.body;
  while (at !== inner && (at.kind === 'lambda' || at.kind === 'parenthesized')) {
    if (at.kind === 'parenthesized') count += 1;
    at = at.kind === 'lambda' ? at.body : at.inner;
  }
  return count;
}

/** Under this name a capturing function's result holds what it was called with. */
export const captured = '__npl_captured';

/**
 * An expression of all that capturing functions caught, as a list: they are
 * looked for where functions usually put what they are given, in sets and lists
 * to a small depth.
 */
export function capturedIn(value: string): string {
  return `(
    let
      first = builtins.genList;
      take = number: list: first (builtins.elemAt list) (if builtins.length list < number then builtins.length list else number);
      search = depth: unsafe:
        let seen = builtins.tryEval unsafe; in
        if !seen.success then [ ]
        else if builtins.isList seen.value then
          if depth == 0 then [ ] else builtins.concatMap (search (depth - 1)) (take 32 seen.value)
        else if !(builtins.isAttrs seen.value) then [ ]
        else if seen.value ? ${captured} then [ seen.value.${captured} ]
        else if depth == 0 || seen.value ? drvPath then [ ]
        else builtins.concatMap (name: search (depth - 1) seen.value.\${name}) (take 32 (builtins.attrNames seen.value));
    in
    take ${mostCaptured} (search 3 (${value}))
  )`;
}

/** Calls of one function that are told apart. */
export const mostCaptured = 6;
