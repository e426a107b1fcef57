import { groupBy } from '../../model/groupBy.ts';
import { unwrap, type Expression, type Span } from '../../syntax/ast.ts';
import { expressionsOf } from '../../syntax/descent.ts';
import { resolveVariable } from '../../syntax/scopes.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import type { SourceEdit } from '../fix.ts';
import { insert, replace } from '../repair.ts';
import { addTo, termText, type MovedGroup, type MovedInput } from './addInputs.ts';
import { findList, termsOf, type Term } from './inputLists.ts';
import { commentsAbove, indentationAt, lineStart, ownLine, removeLines } from './sourceLines.ts';

/**
 * Moves dependencies of one list to another one of the same set, which may have
 * to be made: to a list of the same condition, with their comments, and into
 * lines of their own where they had some. No list is left empty.
 *
 * @param name that of the other list
 */
export function moveInputs(inputs: readonly MovedInput[], name: string): SourceEdit[] {
  return [...groupBy(inputs, ({ binding }) => binding).values()].flatMap((ofBinding) =>
    moveFrom(ofBinding, name),
  );
}

function moveFrom(inputs: readonly [MovedInput, ...MovedInput[]], name: string): SourceEdit[] {
  const [{ source, set, binding }] = inputs;
  const moved = new Set(inputs.map(({ element }) => element));
  const left = termsOf(source, binding.value).filter((term) => !isEmptied(term, moved));
  const other = findList(set, name);
  const [key] = binding.path;
  if (left.length === 0 && !other && key)
    return [
      replace(source, key, name),
      ...inputs.flatMap(({ element, text }) =>
        text === textOf(source, element) ? [] : [replace(source, element, text)],
      ),
    ];
  const groups = [...groupBy(inputs, ({ term }) => term).values()];
  const removals =
    left.length === 0
      ? [removeLines(source, binding)]
      : groups.flatMap((group) => removeFrom(source, group, moved));
  if (!other) return [makeList(source, binding, groups, name), ...removals];
  const comments = left.length === 0 ? commentsAbove(source, binding) : [];
  const [first, ...more] = groups.map(([one, ...rest]): MovedGroup => [
    qualified(one),
    ...rest.map(qualified),
  ]);
  if (!first) return [];
  const additions = more.flatMap((group) => addTo(source, other, group, []));
  return [...addTo(source, other, first, comments), ...additions, ...removals];
}

/** With the package set that the old list has its names from, which the other list may not have. */
function qualified(input: MovedInput): MovedInput {
  const { source, element, binding, text } = input;
  const used = unwrap(element);
  const name = used.kind === 'select' ? unwrap(used.base) : used;
  const outer = unwrap(binding.value);
  if (name.kind !== 'variable' || outer.kind !== 'with') return input;
  const resolution = resolveVariable(name, source.scopes);
  const environment = unwrap(outer.environment);
  const isFromThere = resolution.kind === 'with' && resolution.candidates[0] === outer;
  if (!isFromThere || (environment.kind !== 'variable' && environment.kind !== 'select')) return input;
  return { ...input, text: `${textOf(source, environment)}.${text}` };
}

function isEmptied({ list, element }: Term, moved: ReadonlySet<Expression>): boolean {
  if (element) return moved.has(element);
  return list?.elements.every((one) => moved.has(one)) === true;
}

/** A list for what has none yet, in front of the one that it was in. */
function makeList(
  source: SourceFile,
  binding: Span & { readonly value: Expression },
  groups: readonly MovedGroup[],
  name: string,
): SourceEdit {
  const line = lineStart(source, binding.start);
  const indentation = indentationAt(source, line);
  const value = groups.map((group) => termText(source, group, indentation)).join(' ++ ');
  const prefix = withOf(source, binding.value, groups.flat());
  const isLong = value.includes('\n');
  const blank = isLong && /\n[ \t]*\r?\n[ \t]*$/.test(source.text.slice(0, binding.start)) ? '\n' : '';
  const isOnOwnLine = /^\s*$/.test(source.text.slice(line, binding.start));
  const after = isOnOwnLine ? `\n${blank}${indentation}` : ' ';
  return insert(source, binding.start, `${name} = ${prefix}${value};${after}`);
}

/** `with pkgs; ` where what is moved has its name from there. */
function withOf(source: SourceFile, value: Expression, inputs: readonly MovedInput[]): string {
  const outer = unwrap(value);
  if (outer.kind !== 'with') return '';
  const isNeeded = inputs.some(({ element }) =>
    [...expressionsOf(element)].some((one) => {
      if (one.kind !== 'variable') return false;
      const resolution = resolveVariable(one, source.scopes);
      return resolution.kind === 'with' && resolution.candidates.includes(outer);
    }),
  );
  return isNeeded ? `with ${textOf(source, outer.environment)}; ` : '';
}

/** Takes elements out of their list, and the list out of the value where nothing is left in it. */
function removeFrom(source: SourceFile, group: MovedGroup, moved: ReadonlySet<Expression>): SourceEdit[] {
  const [{ term }] = group;
  if (isEmptied(term, moved)) {
    const edit = removeTerm(source, term.expression);
    if (edit) return [edit];
  }
  return group.map(({ element }) => {
    const own = ownLine(source, element);
    if (own) return replace(source, own, '');
    const before = source.text.slice(0, element.start);
    return replace(
      source,
      { start: element.start - (/\s*$/.exec(before)?.[0].length ?? 0), end: element.end },
      '',
    );
  });
}

/** Takes one side of `a ++ b` away. */
function removeTerm(source: SourceFile, expression: Expression): SourceEdit | undefined {
  let at = expression;
  for (let parent = source.scopes.parentOf(at); parent; parent = source.scopes.parentOf(at)) {
    if (parent.kind === 'binary' && parent.operator === '++') {
      const isLeft = parent.left === at;
      return isLeft
        ? replace(source, { start: parent.start, end: parent.right.start }, '')
        : replace(source, { start: parent.left.end, end: parent.end }, '');
    }
    if (parent.kind !== 'parenthesized' && parent.kind !== 'with') return undefined;
    at = parent;
  }
  return undefined;
}
