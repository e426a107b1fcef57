import { childrenOf, unwrap, type Expression, type Variable } from '../../syntax/ast.ts';
import { expressionsAround, expressionsOf } from '../../syntax/descent.ts';
import { resolveName, resolveVariable, type Definition } from '../../syntax/scopes.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import type { SourceEdit } from '../fix.ts';
import { addFormal, insert, isBound, replace } from '../repair.ts';

/**
 * The edits by which an expression takes its value from a set that is an
 * attribute of the package set which it is taken from now, such as
 * `pkgsBuildHost`; undefined where it cannot be told how.
 *
 *     pkgs.jq                              ⇒  pkgs.pkgsBuildHost.jq
 *     xorg.lndir                           ⇒  pkgsBuildHost.xorg.lndir
 *     python3.withPackages (p: [ p.mako ]) ⇒  pkgsBuildHost.python3.withPackages (p: [ p.mako ])
 *     import ./tool.nix { inherit pkgs; }  ⇒  import ./tool.nix { pkgs = pkgs.pkgsBuildHost; }
 *
 * A name that has its value from a binding is replaced by that one's expression:
 * other uses of the name stay as they are.
 */
export function throughSet(place: PlacedExpression, set: string): SourceEdit[] | undefined {
  const { source, expression } = place;
  const used = unwrap(expression);
  const head = headOf(used);
  if (used.kind === 'apply' && isImportOf(head)) return throughArgument(source, used.argument, set);
  if (head.kind === 'variable') return throughName(source, head, set);
  if (head.kind !== 'select') return undefined;
  const base = unwrap(head.base);
  // What is no name is taken for a package set: `(import nixpkgs { … }).jq`.
  if (base.kind !== 'variable') return [insert(source, head.base.end, `.${set}`)];
  return isPackageSet(base, source) ? [insert(source, base.end, `.${set}`)] : throughName(source, base, set);
}

/**
 * Does {@link throughSet} take a package by the name of an argument? Whoever
 * calls the function may have given it another one.
 */
export function isByArgument({ source, expression }: PlacedExpression): boolean {
  const head = headOf(expression);
  const name = head.kind === 'select' ? unwrap(head.base) : head;
  if (name.kind !== 'variable' || isPackageSet(name, source)) return false;
  const resolution = resolveVariable(name, source.scopes);
  return resolution.kind === 'lexical' && resolution.definition.kind === 'formal';
}

/** The function that an application begins with, and what a selection begins with but its names: `f` of `f a b`. */
function headOf(expression: Expression): Expression {
  let at = unwrap(expression);
  while (at.kind === 'apply') at = unwrap(at.fn);
  return at;
}

function isImportOf(head: Expression): boolean {
  return head.kind === 'variable' && head.name === 'import';
}

/** Is a name one of a whole package set? People call those `pkgs`, `hostPkgs`, `nixpkgs`; else its binding tells. */
function isPackageSet(variable: Variable, source: SourceFile): boolean {
  if (/pkgs$/i.test(variable.name)) return true;
  const resolution = resolveVariable(variable, source.scopes);
  if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return false;
  const { path, value } = resolution.definition.binding;
  if (path.length !== 1) return false;
  const head = headOf(value);
  if (isImportOf(head)) return true;
  return (
    head.kind === 'select' && head.path.some((name) => name.kind === 'static' && name.name === 'pkgsCross')
  );
}

function throughName(source: SourceFile, variable: Variable, set: string): SourceEdit[] | undefined {
  const resolution = resolveVariable(variable, source.scopes);
  switch (resolution.kind) {
    case 'with':
      return [replace(source, variable, `${set}.${variable.name}`)];
    case 'lexical':
      return throughDefinition(source, variable, resolution.definition, set);
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
): SourceEdit[] | undefined {
  const scope = source.scopes.scopeOf(variable);
  switch (definition.kind) {
    case 'formal': {
      const edit = replace(source, variable, `${set}.${variable.name}`);
      if (isBound(set, scope)) return [edit];
      const formal = addFormal(source, definition.lambda, set);
      return formal && [formal, edit];
    }
    case 'binding': {
      const [only] = definition.binding.path;
      if (definition.binding.path.length !== 1 || only?.kind !== 'static') return undefined;
      const text = rewritten(source, definition.binding.value, variable, set);
      return text === undefined ? undefined : [replace(source, variable, text)];
    }
    case 'inherit-from': {
      const from = unwrap(definition.binding.from);
      if (from.kind !== 'variable' || !meansTheSame(from, variable, source)) return undefined;
      const inner = isPackageSet(from, source) ? `${from.name}.${set}` : undefined;
      return inner === undefined ? undefined : [replace(source, variable, `${inner}.${variable.name}`)];
    }
    case 'inherit':
    case 'parameter':
      return undefined;
  }
}

/** A binding's expression as it would take its value from the set, to stand in the place of its name. */
function rewritten(
  source: SourceFile,
  value: Expression,
  place: Expression,
  set: string,
): string | undefined {
  const inner = unwrap(value);
  if (inner.kind !== 'select' || textOf(source, value).includes('\n')) return undefined;
  const names = [...expressionsOf(inner)].filter((one) => one.kind === 'variable');
  if (!names.every((name) => meansTheSame(name, place, source))) return undefined;
  const base = unwrap(inner.base);
  if (base.kind !== 'variable' || !isPackageSet(base, source)) return undefined;
  const text = source.text.slice(inner.start, base.end) + `.${set}` + source.text.slice(base.end, inner.end);
  return inner.fallback ? `(${text})` : text;
}

/** Would a name mean the same where another expression stands? */
function meansTheSame(name: Variable, place: Expression, source: SourceFile): boolean {
  const here = resolveVariable(name, source.scopes);
  const there = resolveName(name.name, source.scopes.scopeOf(place));
  if (here.kind === 'lexical' && there.kind === 'lexical')
    return JSON.stringify(spanOf(here.definition)) === JSON.stringify(spanOf(there.definition));
  return here.kind === there.kind;
}

function spanOf(definition: Definition): unknown {
  const { start, end } = 'binding' in definition ? definition.binding : definition.lambda;
  return [definition.kind, start, end];
}

/** `{ inherit pkgs; }` and `{ pkgs = …; }`: the package set that a file is given. */
function throughArgument(source: SourceFile, argument: Expression, set: string): SourceEdit[] | undefined {
  const given = unwrap(argument);
  if (given.kind !== 'attribute-set') return undefined;
  for (const binding of given.bindings) {
    if (binding.kind === 'attribute') {
      const [name] = binding.path;
      if (binding.path.length === 1 && name?.kind === 'static' && name.name === 'pkgs')
        return [replace(source, binding.value, withSet(source, binding.value, set))];
      continue;
    }
    if (binding.kind !== 'inherit') continue;
    const name = binding.names.find((one) => one.kind === 'static' && one.name === 'pkgs');
    if (!name) continue;
    if (binding.names.length === 1) return [replace(source, binding, `pkgs = pkgs.${set};`)];
    const before = source.text.slice(binding.start, name.start);
    const start = name.start - (/\s*$/.exec(before)?.[0].length ?? 0);
    return [
      replace(source, { start, end: name.end }, ''),
      insert(source, binding.end, ` pkgs = pkgs.${set};`),
    ];
  }
  return undefined;
}

function withSet(source: SourceFile, value: Expression, set: string): string {
  const text = textOf(source, value);
  const isSimple = value.kind === 'variable' || value.kind === 'select' || value.kind === 'parenthesized';
  return isSimple ? `${text}.${set}` : `(${text}).${set}`;
}

/**
 * All places in one text (an interpolated string) where the same expression
 * stands, this one among them: a text that names a program by two parts of one
 * package has to have both from one set.
 */
export function usesInOneText(place: PlacedExpression): PlacedExpression[] {
  const { source, expression } = place;
  const used = unwrap(expression);
  const around = [...expressionsAround(source.root, used)];
  const text = around.findLast((one) => one.kind === 'string');
  if (!text) return [place];
  const uses = [...expressionsOf(text)].filter((one) => beginsWith(one, used, source));
  return uses.map((use) => ({ source, expression: use }));
}

/** Is one expression the other, or taken from it: `pkgs.jq` and `pkgs.jq.version`? */
function beginsWith(one: Expression, used: Expression, source: SourceFile): boolean {
  if (!isSameName(one, used, source)) return false;
  if (one.kind === 'select' && used.kind === 'select')
    return `${textOf(source, one)}.`.startsWith(`${textOf(source, used)}.`);
  return one.kind === used.kind && textOf(source, one) === textOf(source, used);
}

function isSameName(one: Expression, other: Expression, source: SourceFile): boolean {
  const [name, another] = [nameIn(one), nameIn(other)];
  return name === undefined || another === undefined ? name === another : meansTheSame(name, another, source);
}

/** The name that an expression begins with. */
function nameIn(expression: Expression): Variable | undefined {
  let at: Expression | undefined = unwrap(expression);
  while (at && at.kind !== 'variable') at = childrenOf(at)[0];
  return at;
}
