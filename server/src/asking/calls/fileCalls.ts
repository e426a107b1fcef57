import { basename, dirname, resolve } from 'node:path';
import { pathExpression } from '../../nix/pathExpressions.ts';
import type { Expression, PathLiteral } from '../../syntax/ast.ts';
import { relativePathLiterals } from '../../syntax/pathLiterals.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import { absoluteText } from '../absoluteText.ts';
import type { ContextWorkspace } from '../contextWorkspace.ts';
import { capturingFunction } from '../functionNames.ts';
import { isFileOf, type CallFinder, type FunctionCall } from './callSite.ts';
import { capturedCalls } from './capturedCalls.ts';

/** Another file calls this one: `callPackage ./x.nix { }`, `import ./x.nix { … }`. */
export const fileCalls: CallFinder = async function* ({ source, functions, chain }, scopes, workspace) {
  if (!chain.every((at) => at.kind === 'parenthesized' || at.kind === 'let')) return;
  for await (const caller of namingFiles(source, workspace)) {
    for (const path of pathsTo(source, caller)) {
      const call = callAround(caller, path);
      if (!call) continue;
      yield {
        call: { source: caller, expression: call },
        capture: async (outer) => {
          const found: FunctionCall[] = [];
          for (const at of outer) {
            for (const scope of scopes) {
              const file = await workspace.nix.define(scope.wrap(capturingFunction(source, functions)));
              const { start, end } = path;
              const text = absoluteText(caller, call, [{ start, end, text: pathExpression(file) }]);
              found.push(...(await capturedCalls([at], (around) => around.wrap(text), workspace, scope)));
            }
          }
          return found;
        },
      };
    }
  }
};

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
