import { unwrap, type Expression } from '../syntax/ast.ts';
import { resolveVariable, type ScopeTable } from '../syntax/scopes.ts';

/**
 * What a path literal seems to be for, read off the syntax around it:
 * - `import`: it is imported, called with callPackage, or a module of a list;
 * - `list`: an element of some other list;
 * - `data`: its content or name matters (`src = ./.`, `readFile ./x`, `"${./x}"`);
 * - `value`: anything else.
 */
export type PathUse = 'import' | 'list' | 'data' | 'value';

const dataFunctions =
  /^(readFile|readDir|readFileType|path|filterSource|cleanSource.*|sourceByRegex|toString|hashFile|baseNameOf|dirOf|fetchGit|fetchTarball|fetchTree|pathExists|toFile|storePath|copyPathToStore|gitignoreSource|substituteAll|substitute|writeText|union|difference|intersection|toSource|fileFilter|gitTracked)$/;
const importFunctions = /^(import|.*[cC]allPackages?(With)?)$/;
const moduleLists = /^(imports|.*[mM]odules)$/;
const dataNames = /^(src|srcs|source|sources|root|path|patches|builder|keyFile|defaultSopsFile|sopsFile)$/;

/** Tells what a path literal is for, where it stands. */
export function pathUse(path: Expression, scopes: ScopeTable): PathUse {
  let child: Expression = path;
  let parent = scopes.parentOf(child);
  while (parent?.kind === 'parenthesized') {
    child = parent;
    parent = scopes.parentOf(child);
  }
  switch (parent?.kind) {
    case 'apply': {
      if (parent.argument !== child) return 'value';
      const name = functionName(parent.fn);
      if (name === undefined) return 'value';
      return importFunctions.test(name) ? 'import' : dataFunctions.test(name) ? 'data' : 'value';
    }
    case 'list': {
      const name = enclosingBindingName(parent, scopes) ?? '';
      return dataNames.test(name) ? 'data' : moduleLists.test(name) ? 'import' : 'list';
    }
    case 'string':
    case 'path':
    case 'binary':
      return 'data';
    case 'attribute-set':
    case 'let': {
      const name = bindingName(parent, child);
      return name !== undefined && dataNames.test(name) ? 'data' : 'value';
    }
    default:
      return 'value';
  }
}

/** Is it only the content of the file that matters (`readFile ./x`, `"${./x}"`), and not where that lies? */
export function readsContent(path: Expression, scopes: ScopeTable): boolean {
  const parent = scopes.parentOf(path);
  if (parent?.kind === 'parenthesized') return readsContent(parent, scopes);
  if (parent?.kind === 'string') return true;
  return parent?.kind === 'apply' && /^(?:readFile|hashFile)$/.test(calledName(parent) ?? '');
}

/** The function that an application ends in: `builtins.hashFile "sha256" ./x` is one of `hashFile`. */
function calledName({ fn }: Extract<Expression, { kind: 'apply' }>): string | undefined {
  const called = unwrap(fn);
  return called.kind === 'apply' ? calledName(called) : functionName(called);
}

function functionName(fn: Expression): string | undefined {
  const called = unwrap(fn);
  if (called.kind === 'variable') return called.name;
  const last = called.kind === 'select' ? called.path.at(-1) : undefined;
  return last?.kind === 'static' ? last.name : undefined;
}

function enclosingBindingName(expression: Expression, scopes: ScopeTable): string | undefined {
  const parent = scopes.parentOf(expression);
  return parent && bindingName(parent, expression);
}

function bindingName(set: Expression, value: Expression): string | undefined {
  if (set.kind !== 'attribute-set' && set.kind !== 'let') return undefined;
  for (const binding of set.bindings) {
    if (binding.kind !== 'attribute' || binding.value !== value) continue;
    const last = binding.path.at(-1);
    return last?.kind === 'static' ? last.name : undefined;
  }
  return undefined;
}

/** Is this function the builtin `import`, and no binding of that name? */
export function isBuiltinImport(fn: Expression, scopes: ScopeTable): boolean {
  const called = unwrap(fn);
  if (called.kind === 'variable')
    return called.name === 'import' && resolveVariable(called, scopes).kind === 'builtin';
  if (called.kind !== 'select' || called.path.length !== 1) return false;
  const base = unwrap(called.base);
  const name = called.path[0];
  return (
    base.kind === 'variable' && base.name === 'builtins' && name?.kind === 'static' && name.name === 'import'
  );
}
