import { moduleArgument } from './moduleArgument.ts';
import { addFormalAfter } from './repair.ts';
import type { SourceEdit } from './fix.ts';
import type { PlacedExpression } from '../attribution/placedExpression.ts';
import type { Expression } from '../syntax/ast.ts';
import { resolveName, type Definition, type Scope } from '../syntax/scopes.ts';

/** An expression that may name the system that is meant at a place. */
export interface NamedSystemExpression {
  /** E.g. `system`, `pkgs.stdenv.hostPlatform.system`. */
  readonly text: string;
  /** The set that has it as its attribute `system`; undefined where it is a name of its own. */
  readonly set?: string;
  /** What it is, in a title. */
  readonly title: string;
  /** What makes its name known at the place. */
  readonly edits: readonly SourceEdit[];
}

/** Names of package sets; in an overlay, what it overlays comes first. */
const packageSets = ['prev', 'super', 'pkgs'];

/** So many other names are tried. */
const mostOtherNames = 2;

/**
 * The expressions by which a person would name the system at a place, the
 * likeliest first. None of them needs itself: what is defined around the place
 * is left out.
 */
export function systemsInScope(place: PlacedExpression): NamedSystemExpression[] {
  const { source, expression } = place;
  const scope = source.scopes.scopeOf(expression);
  const isUsable = (name: string): boolean => isBoundElsewhere(name, expression, scope);
  const found: NamedSystemExpression[] = ['system', ...otherNames(scope)].filter(isUsable).map((name) => ({
    text: name,
    title: `the \`${name}\` that is in scope`,
    edits: [],
  }));
  for (const name of packageSets) if (isUsable(name)) found.push(systemOf(name));
  if (isUsable('stdenv'))
    found.push({ ...ofPlatform('stdenv.hostPlatform'), title: 'the system of `stdenv`', edits: [] });
  const lambda = isUsable('pkgs') ? undefined : moduleArgument(place, 'pkgs');
  const formal = lambda && addFormalAfter(source, lambda, 0, 'pkgs');
  if (formal) found.push({ ...systemOf('pkgs'), edits: [formal] });
  return found;
}

function systemOf(set: string): NamedSystemExpression {
  return {
    ...ofPlatform(`${set}.stdenv.hostPlatform`),
    title: `the system of the \`${set}\` that is in scope`,
    edits: [],
  };
}

function ofPlatform(set: string): { readonly text: string; readonly set: string } {
  return { text: `${set}.system`, set };
}

/** Other names in scope that people give a system: `sys`, `hostSystem`. */
function otherNames(scope: Scope): string[] {
  const names: string[] = [];
  for (let at = scope; at.kind !== 'builtins'; at = at.outer)
    if (at.kind === 'names')
      for (const name of at.names.keys())
        if (name !== 'system' && /^(?:sys|\w*System)$/.test(name)) names.push(name);
  return names.slice(0, mostOtherNames);
}

/** Is a name bound at a place, and not by what the place is a part of? */
export function isBoundElsewhere(name: string, inner: Expression, scope: Scope): boolean {
  const resolution = resolveName(name, scope);
  if (resolution.kind !== 'lexical') return false;
  const value = valueOf(resolution.definition);
  return value === undefined || inner.start < value.start || value.end < inner.end;
}

/** The expression that a definition takes its value from, where there is one in its file. */
function valueOf(definition: Definition): Expression | undefined {
  switch (definition.kind) {
    case 'binding':
      return definition.binding.value;
    case 'inherit-from':
      return definition.binding.from;
    case 'formal':
      return definition.formal.fallback;
    case 'inherit':
    case 'parameter':
      return undefined;
  }
}
