import { unwrap, type Expression, type Select, type Variable } from '../../syntax/ast.ts';
import { inheritedNameAt, type InheritedName } from '../../syntax/inheritedNames.ts';
import { resolveName, type Definition, type Scope } from '../../syntax/scopes.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import type { SourceEdit } from '../fix.ts';
import { addFormal, insert, isBound, replace } from '../repair.ts';
import { bindInstead, inheritFrom } from './inherits.ts';
import {
  allMeanTheSame,
  headOf,
  isImportOf,
  isLibraryFunction,
  isPackageSet,
  isShort,
  mostSteps,
  rewrittenText,
  selectable,
} from './packageSets.ts';

/**
 * The edits by which an expression takes its value from a set that is an
 * attribute of the package set which it is taken from now, such as
 * `pkgsBuildHost`; undefined where it cannot be told how.
 *
 *     pkgs.jq                              ⇒  pkgs.pkgsBuildHost.jq
 *     xorg.lndir                           ⇒  pkgsBuildHost.xorg.lndir
 *     inherit (pkgs.xorg) lndir;           ⇒  inherit (pkgs.pkgsBuildHost.xorg) lndir;
 *     lib.getBin pkgs.jq                   ⇒  lib.getBin pkgs.pkgsBuildHost.jq
 *     python3.withPackages (p: [ p.mako ]) ⇒  pkgsBuildHost.python3.withPackages (p: [ p.mako ])
 *     import ./tool.nix { inherit pkgs; }  ⇒  import ./tool.nix { pkgs = pkgs.pkgsBuildHost; }
 *     sets."my own".jq                     ⇒  sets."my own".pkgsBuildHost.jq
 *     builtins.getAttr "jq" pkgs           ⇒  builtins.getAttr "jq" pkgs.pkgsBuildHost
 *
 * A name that has its value from a binding is replaced by that one's expression:
 * other uses of the name stay as they are.
 *
 * @param set its name, or a path of names
 */
export function throughSet(
  { source, expression }: PlacedExpression,
  set: string,
  steps = mostSteps,
): SourceEdit[] | undefined {
  if (steps === 0) return undefined;
  const inherited = inheritedNameAt(source.root, expression);
  if (inherited) return throughInherit(source, inherited, set, steps);
  const used = unwrap(expression);
  const head = headOf(used);
  const asked = setOfGetAttr(used, source);
  if (asked) return throughEndOf(source, asked, set);
  if (used.kind === 'apply' && isImportOf(head)) return throughArgument(source, used.argument, set);
  if (used.kind === 'apply' && isLibraryFunction(head))
    return throughSet({ source, expression: used.argument }, set, steps - 1);
  if (head.kind === 'variable') return throughName(source, head, set, steps);
  if (head.kind !== 'select') return undefined;
  const base = unwrap(head.base);
  if (base.kind === 'variable')
    return isPackageSet(base, source)
      ? [insert(source, base.end, `.${set}`)]
      : (throughName(source, base, set, steps) ?? beforeLastName(source, head, set));
  const isMadeHere = base.kind !== 'select' && headOf(base).kind !== 'select';
  // What is no name is taken for a package set: `(import nixpkgs { … }).jq`.
  return isMadeHere
    ? [insert(source, head.base.end, `.${set}`)]
    : throughSet({ source, expression: base }, set, steps - 1);
}

/**
 * Does {@link throughSet} take a package by the name of an argument? Whoever
 * calls the function may have given it another one.
 */
export function isByArgument({ source, expression }: PlacedExpression, steps = mostSteps): boolean {
  if (steps === 0) return false;
  const head = headOf(expression);
  const name = innermost(head);
  if (name.kind !== 'variable' || isPackageSet(name, source)) return false;
  const resolution = resolveName(name.name, source.scopes.scopeOf(name));
  if (resolution.kind !== 'lexical') return false;
  const { definition } = resolution;
  if (definition.kind === 'formal') return true;
  const value = definition.kind === 'binding' ? definition.binding.value : undefined;
  if (value) return isShort(source, value) && isByArgument({ source, expression: value }, steps - 1);
  return (
    definition.kind === 'inherit-from' &&
    isByArgument({ source, expression: definition.binding.from }, steps - 1)
  );
}

/** What a selection begins with: `a` of `a.b`. */
function innermost(head: Expression): Expression {
  let at = head;
  while (at.kind === 'select') at = unwrap(at.base);
  return at;
}

/** Names of outputs: what is selected by them is one package still. */
const outputs: ReadonlySet<string> = new Set(['out', 'dev', 'bin', 'lib', 'man', 'doc', 'info', 'static']);

/** The set that holds package sets is one of ours: the package set is what the package is selected from. */
function beforeLastName(source: SourceFile, { path }: Select, set: string): SourceEdit[] | undefined {
  const last = path.at(-1);
  const isOutput = path.length > 1 && last?.kind === 'static' && outputs.has(last.name);
  const name = isOutput ? path.at(-2) : last;
  return name && [insert(source, name.start, `${set}.`)];
}

/** The set of `builtins.getAttr "name" set`; undefined where an expression is no such call. */
function setOfGetAttr(expression: Expression, { scopes }: SourceFile): Expression | undefined {
  if (expression.kind !== 'apply') return undefined;
  const call = unwrap(expression.fn);
  const fn = call.kind === 'apply' ? unwrap(call.fn) : undefined;
  if (fn?.kind !== 'select' || fn.path.length !== 1 || fn.path[0]?.kind !== 'static') return undefined;
  const base = unwrap(fn.base);
  const isBuiltin =
    base.kind === 'variable' &&
    base.name === 'builtins' &&
    resolveName(base.name, scopes.scopeOf(base)).kind === 'builtin';
  return isBuiltin && fn.path[0].name === 'getAttr' ? expression.argument : undefined;
}

/** A whole package set, as an attribute of itself. */
function throughEndOf(source: SourceFile, from: Expression, set: string): SourceEdit[] | undefined {
  const isSelectable = from.kind !== 'apply' && selectable('', from) === '';
  return isSelectable ? [insert(source, from.end, `.${set}`)] : undefined;
}

function throughName(
  source: SourceFile,
  variable: Variable,
  set: string,
  steps: number,
): SourceEdit[] | undefined {
  return throughNameIn(source, variable, source.scopes.scopeOf(variable), set, steps);
}

function throughNameIn(
  source: SourceFile,
  variable: Variable,
  scope: Scope,
  set: string,
  steps: number,
): SourceEdit[] | undefined {
  const resolution = resolveName(variable.name, scope);
  switch (resolution.kind) {
    case 'with':
      return [replace(source, variable, `${set}.${variable.name}`)];
    case 'lexical':
      return throughDefinition(source, variable, resolution.definition, set, steps);
    case 'builtin':
    case 'undefined':
      return undefined;
  }
}

function throughDefinition(
  source: SourceFile,
  variable: Variable,
  definition: Definition,
  set: string,
  steps: number,
): SourceEdit[] | undefined {
  switch (definition.kind) {
    case 'formal': {
      const edit = replace(source, variable, `${set}.${variable.name}`);
      const [name = set] = set.split('.');
      if (isBound(name, source.scopes.scopeOf(variable))) return [edit];
      const formal = addFormal(source, definition.lambda, name);
      return formal && [formal, edit];
    }
    case 'binding': {
      const { path, value } = definition.binding;
      if (path.length !== 1 || path[0]?.kind !== 'static' || !isShort(source, value)) return undefined;
      const edits = allMeanTheSame(value, variable, source)
        ? throughSet({ source, expression: value }, set, steps - 1)
        : undefined;
      if (!edits) return undefined;
      const { text, elsewhere } = rewrittenText(source, value, edits);
      return [replace(source, variable, selectable(text, unwrap(value))), ...elsewhere];
    }
    case 'inherit-from': {
      const { from } = definition.binding;
      const through = allMeanTheSame(from, variable, source) && isShort(source, from);
      const inner = through ? setThrough(source, from, set, steps) : undefined;
      return inner && [replace(source, variable, `${inner.text}.${variable.name}`), ...inner.elsewhere];
    }
    case 'inherit':
      return throughNameIn(source, variable, definition.scope, set, steps - 1);
    case 'parameter':
      return undefined;
  }
}

/** A set of packages as it is in another package set: `pkgs.xorg` as `pkgs.pkgsBuildHost.xorg`. */
function setThrough(
  source: SourceFile,
  from: Expression,
  set: string,
  steps: number,
): { readonly text: string; readonly elsewhere: readonly SourceEdit[] } | undefined {
  const at = unwrap(from);
  const isWhole = at.kind === 'variable' ? isPackageSet(at, source) : headOf(at).kind !== 'select';
  if (isWhole) return { text: `${selectable(textOf(source, from), from)}.${set}`, elsewhere: [] };
  const edits = throughSet({ source, expression: from }, set, steps - 1);
  if (!edits) return undefined;
  const { text, elsewhere } = rewrittenText(source, from, edits);
  return { text: selectable(text, from), elsewhere };
}

function throughInherit(
  source: SourceFile,
  inherited: InheritedName,
  set: string,
  steps: number,
): SourceEdit[] | undefined {
  const { binding, name } = inherited;
  if (binding.kind === 'inherit-from') {
    const inner = setThrough(source, binding.from, set, steps);
    return inner && [...inheritFrom(source, inherited, inner.text), ...inner.elsewhere];
  }
  const attribute = binding.names.find(({ start }) => start === name.start);
  const variable = attribute && source.scopes.inheritedVariable(attribute);
  const edits = variable && throughName(source, variable, set, steps);
  if (!edits) return undefined;
  const { text, elsewhere } = rewrittenText(source, variable, edits);
  return [...bindInstead(source, inherited, text), ...elsewhere];
}

/** `{ inherit pkgs; }` and `{ pkgs = …; }`: the package set that a file is given. */
function throughArgument(source: SourceFile, argument: Expression, set: string): SourceEdit[] | undefined {
  const given = unwrap(argument);
  if (given.kind !== 'attribute-set') return undefined;
  for (const binding of given.bindings) {
    if (binding.kind === 'attribute') {
      const [name] = binding.path;
      if (binding.path.length === 1 && name?.kind === 'static' && name.name === 'pkgs')
        return [
          replace(
            source,
            binding.value,
            `${selectable(textOf(source, binding.value), binding.value)}.${set}`,
          ),
        ];
      continue;
    }
    if (binding.kind !== 'inherit') continue;
    const name = binding.names.find((one) => one.kind === 'static' && one.name === 'pkgs');
    if (name?.kind === 'static') return bindInstead(source, { owner: given, binding, name }, `pkgs.${set}`);
  }
  return undefined;
}
