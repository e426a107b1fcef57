import {
  unwrap,
  type AttributeName,
  type Expression,
  type Lambda,
  type Select,
  type Span,
  type Variable,
  type With,
} from '../../syntax/ast.ts';
import { expressionsOf } from '../../syntax/descent.ts';
import { inheritedNameAt, type InheritedName } from '../../syntax/inheritedNames.ts';
import { resolveName, resolveVariable, type Scope } from '../../syntax/scopes.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import type { SourceEdit } from '../fix.ts';
import { replace } from '../repair.ts';
import { inheritFrom, inheritPlainly, withoutName } from './inherits.ts';
import { allMeanTheSame, headOf, isBuildSet, isLibraryFunction, isShort, mostSteps } from './packageSets.ts';

/** How an expression takes its value from the package set that a set for the build platform belongs to. */
export interface OutOfSet {
  readonly edits: readonly SourceEdit[];
  /** Names that the edited text needs, with the function whose argument each has to be. */
  readonly needs: readonly { readonly lambda: Lambda; readonly name: string }[];
  /** Names that the edited text has no longer. */
  readonly frees: readonly Variable[];
  /** See `control` of a candidate. */
  readonly control?: SourceEdit;
}

/**
 * How an expression takes its value from the package set for the host platform,
 * of which a set for the build platform is an attribute or an argument beside
 * it; undefined where it cannot be told how.
 *
 *     pkgs.buildPackages.xorg.lndir         ⇒  pkgs.xorg.lndir
 *     buildPackages.jq                      ⇒  jq
 *     inherit (pkgs.pkgsBuildBuild) jq;     ⇒  inherit (pkgs) jq;
 *     with pkgs.buildPackages; [ jq ]       ⇒  with pkgs; [ jq ]
 *     let tools = pkgs.buildPackages; in tools.jq  ⇒  … pkgs.jq
 *
 * @param withs `kept`: of a name that a `with` gives, that name alone is edited
 */
export function withoutSet(
  { source, expression }: PlacedExpression,
  withs: 'edited' | 'kept' = 'edited',
): OutOfSet | undefined {
  const inherited = inheritedNameAt(source.root, expression);
  if (inherited) return outOfInherit(source, inherited);
  const used = unwrap(expression);
  const head = headOf(used);
  if (used.kind === 'apply' && isLibraryFunction(head))
    return withoutSet({ source, expression: used.argument }, withs);
  if (head.kind === 'variable')
    return (withs === 'kept' ? besideWith(source, head) : undefined) ?? outOfName(source, head);
  return head.kind === 'select' ? outOfSelect(source, head) : undefined;
}

function outOfSelect(source: SourceFile, select: Select): OutOfSet | undefined {
  const index = select.path.findIndex(isNameOfBuildSet);
  const [set, next] = [select.path[index], select.path[index + 1]];
  if (set && next) return only(replace(source, { start: set.start, end: next.start }, ''));
  if (set) return undefined;
  const base = unwrap(select.base);
  if (base.kind !== 'variable') return withoutSet({ source, expression: base });
  const outer = outerOf(source, base, base);
  if (!outer) return outOfName(source, base);
  const [first] = select.path;
  if (!first) return undefined;
  if (outer.text !== '') return { ...only(replace(source, base, outer.text)), frees: [base] };
  if (first.kind !== 'static') return undefined;
  const out = {
    ...only(replace(source, { start: select.start, end: first.start }, '')),
    ...itself(source, first.name, base, select),
    frees: [base],
  };
  const meaning = resolveName(first.name, source.scopes.scopeOf(select));
  if (meaning.kind !== 'lexical') return out;
  // Somebody's own package may have that name; an argument is looked at.
  if (meaning.definition.kind !== 'formal') return undefined;
  return { ...out, control: replace(source, select, twinOf(source, first, select)) };
}

/** What nixpkgs has as the twin for the build platform of a package that callPackage passes (`splice.nix`). */
function twinOf(source: SourceFile, first: Span, select: Select): string {
  const name = source.text.slice(first.start, first.end);
  const whole = source.text.slice(first.start, select.end);
  const rest = source.text.slice(first.end, select.end);
  const twin = (text: string, otherwise: string): string =>
    `(${text}.__spliced.buildHost or (${text}.nativeDrv or ${otherwise}))`;
  return twin(whole, `(${twin(name, name)}${rest})`);
}

/** A name that is no package set, but a package. */
function outOfName(source: SourceFile, variable: Variable): OutOfSet | undefined {
  const resolution = resolveVariable(variable, source.scopes);
  if (resolution.kind === 'with') return outOfWith(source, variable, resolution.candidates);
  if (resolution.kind !== 'lexical') return undefined;
  const { definition } = resolution;
  if (definition.kind === 'inherit-from') {
    const outer = outerOf(source, definition.binding.from, variable);
    if (!outer) return undefined;
    // It goes by its own name then: what gives that another meaning has to go.
    const inherited = inheritedNameAt(source.root, definition.name);
    if (outer.text === '') return inherited && outOfInherit(source, inherited);
    return only(replace(source, variable, `${outer.text}.${variable.name}`));
  }
  if (definition.kind !== 'binding' || definition.binding.path.length !== 1) return undefined;
  const value = unwrap(definition.binding.value);
  if (value.kind !== 'select' || !isShort(source, value) || !allMeanTheSame(value, variable, source))
    return undefined;
  const index = value.path.findIndex(isNameOfBuildSet);
  const [set, next] = [value.path[index], value.path[index + 1]];
  if (!set || !next) return undefined;
  const text = source.text.slice(value.start, set.start) + source.text.slice(next.start, value.end);
  return only(replace(source, variable, text));
}

/** `with pkgs.buildPackages; [ jq vim ]`: one name of it, as `pkgs.jq`. */
function besideWith(source: SourceFile, variable: Variable): OutOfSet | undefined {
  const resolution = resolveVariable(variable, source.scopes);
  const [innermost] = resolution.kind === 'with' ? resolution.candidates : [];
  const outer = innermost && outerOf(source, innermost.environment, innermost.environment);
  if (!outer || outer.text === '' || !allMeanTheSame(innermost.environment, variable, source))
    return undefined;
  return only(replace(source, variable, `${outer.text}.${variable.name}`));
}

/** `with pkgs.buildPackages;`: all names of it. */
function outOfWith(source: SourceFile, variable: Variable, withs: readonly With[]): OutOfSet | undefined {
  for (const expression of withs) {
    const outer = outerOf(source, expression.environment, expression.environment);
    if (!outer) continue;
    if (outer.text !== '') return only(replace(source, expression.environment, outer.text));
    const names = [...expressionsOf(expression.body)].flatMap((one) => {
      if (one.kind !== 'variable') return [];
      const resolution = resolveVariable(one, source.scopes);
      return resolution.kind === 'with' && resolution.candidates[0] === expression ? [one.name] : [];
    });
    const set = unwrap(expression.environment);
    if (set.kind !== 'variable' || !names.includes(variable.name)) return undefined;
    return {
      edits: [replace(source, { start: expression.start, end: expression.body.start }, '')],
      needs: [...new Set(names)].flatMap((name) => itself(source, name, set, expression).needs),
      frees: [set],
    };
  }
  return undefined;
}

function outOfInherit(source: SourceFile, inherited: InheritedName): OutOfSet | undefined {
  const { binding, name, owner } = inherited;
  if (binding.kind !== 'inherit-from') return undefined;
  const outer = outerOf(source, binding.from, binding.from);
  if (!outer) return undefined;
  const set = unwrap(binding.from);
  const frees = set.kind === 'variable' && binding.names.length === 1 ? [set] : [];
  if (outer.text !== '') return { ...only(...inheritFrom(source, inherited, outer.text)), frees };
  if (set.kind !== 'variable') return undefined;
  if (resolveName(name.name, source.scopes.scopeOf(owner)).kind === 'lexical') return undefined;
  const needs = itself(source, name.name, set, owner);
  if (owner.kind === 'attribute-set' && !owner.recursive)
    return { ...only(...inheritPlainly(source, inherited)), ...needs, frees };
  if (owner.kind !== 'let') return undefined;
  return { ...only(withoutBinding(source, inherited, owner)), ...needs, frees };
}

/** Takes a name out of a `let`: with its binding where it is the only one of that, and with the `let` where that is. */
function withoutBinding(
  source: SourceFile,
  inherited: InheritedName,
  owner: InheritedName['owner'],
): SourceEdit {
  const { binding } = inherited;
  if (binding.names.length > 1) return withoutName(source, inherited);
  if (owner.kind === 'let' && owner.bindings.length === 1)
    return replace(source, { start: owner.start, end: owner.body.start }, '');
  const before = source.text.slice(0, binding.start);
  const start = binding.start - (/\s*$/.exec(before)?.[0].length ?? 0);
  return replace(source, { start, end: binding.end }, '');
}

/**
 * The text of the package set to which a set for the build platform belongs;
 * an empty one where its packages go by their own names. Undefined where an
 * expression is no such set, or its names mean something else at another place.
 */
function outerOf(
  source: SourceFile,
  set: Expression,
  place: Expression,
  steps = mostSteps,
): { readonly text: string } | undefined {
  if (steps === 0) return undefined;
  const at = unwrap(set);
  if (at.kind === 'select') {
    const index = at.path.findIndex(isNameOfBuildSet);
    const name = at.path[index];
    if (name && allMeanTheSame(at, place, source)) {
      const before = source.text.slice(at.start, name.start).replace(/\s*\.\s*$/, '');
      return { text: before + source.text.slice(name.end, at.end) };
    }
    const base = unwrap(at.base);
    if (name || base.kind !== 'variable') return undefined;
    const outer = outerOf(source, base, place, steps - 1);
    const rest = source.text.slice(base.end, at.end);
    return outer && { text: outer.text === '' ? rest.replace(/^\s*\.\s*/, '') : outer.text + rest };
  }
  if (at.kind !== 'variable') return undefined;
  const resolution = resolveVariable(at, source.scopes);
  if (resolution.kind === 'with') return isBuildSet(at.name) ? { text: '' } : undefined;
  if (resolution.kind !== 'lexical') return undefined;
  const { definition } = resolution;
  switch (definition.kind) {
    case 'formal':
      return isBuildSet(at.name) ? { text: '' } : undefined;
    case 'inherit-from':
      return isBuildSet(at.name) && allMeanTheSame(definition.binding.from, place, source)
        ? { text: textOf(source, definition.binding.from) }
        : undefined;
    case 'binding':
      return definition.binding.path.length === 1
        ? outerOf(source, definition.binding.value, place, steps - 1)
        : undefined;
    case 'inherit':
    case 'parameter':
      return undefined;
  }
}

function isNameOfBuildSet(name: AttributeName): boolean {
  return name.kind === 'static' && isBuildSet(name.name);
}

/** The names by which a package goes beside a set for the build platform. */
function itself(source: SourceFile, name: string, set: Variable, place: Expression): Pick<OutOfSet, 'needs'> {
  const scope: Scope = source.scopes.scopeOf(place);
  const isThere = resolveName(name, scope);
  const resolution = resolveVariable(set, source.scopes);
  if (isThere.kind === 'lexical' || resolution.kind !== 'lexical') return { needs: [] };
  const { definition } = resolution;
  return { needs: definition.kind === 'formal' ? [{ lambda: definition.lambda, name }] : [] };
}

function only(...edits: SourceEdit[]): OutOfSet {
  return { edits, needs: [], frees: [] };
}
