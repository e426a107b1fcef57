import { groupBy } from '../../model/groupBy.ts';
import {
  unwrap,
  type AttributeBinding,
  type AttributeSet,
  type Expression,
  type List,
} from '../../syntax/ast.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';
import type { SourceEdit } from '../fix.ts';
import { insert, replace, type Candidate, type Repair } from '../repair.ts';
import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import { expressionsAround, holds } from '../../syntax/descent.ts';

/**
 * Move a tool that runs while its consumer is built to where such tools belong
 * (nixpkgs manual, chapter "Cross-compilation", "Specifying dependencies").
 *
 *     buildInputs = [ cmake zlib ];   ⇒   nativeBuildInputs = [ cmake ];
 *                                         buildInputs = [ zlib ];
 */
export const moveToNative: Repair = ({ leaks, origins }) => {
  if (!leaks.some(({ rule }) => rule === 'misplaced-tool')) return [];
  const placed = origins.flatMap((origin) => elementAt(origin) ?? []);
  if (placed.length === 0 || placed.length < origins.length) return [];
  return [
    {
      title: 'Move to `nativeBuildInputs`, for what runs at build time',
      edits: editsFor(placed, (text) => text),
    },
    ...fromBuildSet(placed),
  ];
};

/** What is selected from a package set is not replaced by its twin for the build platform: take that itself. */
function fromBuildSet(placed: readonly PlacedElement[]): Candidate[] {
  const selected = placed.every(({ element }) => unwrap(element).kind === 'select');
  if (!selected) return [];
  const taken = (text: string): string => text.replace(/^\(?[\w'-]+/, (set) => `${set}.pkgsBuildHost`);
  return [
    {
      title: 'Move to `nativeBuildInputs`, as the package that runs on the build platform',
      edits: editsFor(placed, taken),
    },
  ];
}

/** An element of a `buildInputs` list, with what stands around it. */
interface PlacedElement {
  readonly source: SourceFile;
  readonly element: Expression;
  readonly list: List;
  readonly binding: AttributeBinding;
  readonly set: AttributeSet;
}

function elementAt({ source, expression }: PlacedExpression): PlacedElement | undefined {
  let around: { binding: AttributeBinding; set: AttributeSet } | undefined;
  for (const at of expressionsAround(source.root, expression)) {
    if (at.kind === 'list' && around) {
      const element = at.elements.find((one) => unwrap(one) === unwrap(expression));
      if (element) return { source, element, list: at, ...around };
    }
    if (at.kind === 'attribute-set') {
      const set = at;
      const binding = bindingsOf(set).find(({ value }) => holds(value, expression));
      around = binding && nameOf(binding) === 'buildInputs' ? { binding, set } : undefined;
    }
  }
  return undefined;
}

function bindingsOf({ bindings }: AttributeSet): AttributeBinding[] {
  return bindings.filter((binding) => binding.kind === 'attribute');
}

function nameOf({ path }: AttributeBinding): string | undefined {
  const [only] = path;
  return path.length === 1 && only?.kind === 'static' ? only.name : undefined;
}

/** Takes each element out of its list and adds them to the list of native ones, which may have to be made. */
function editsFor(placed: readonly PlacedElement[], rewritten: (text: string) => string): SourceEdit[] {
  const textOf = ({ source, element }: PlacedElement): string =>
    rewritten(source.text.slice(element.start, element.end));
  const removals = placed.map(({ source, element, list }) => {
    const before = source.text.slice(list.start, element.start);
    const start = element.start - (/\s*$/.exec(before)?.[0].length ?? 0);
    return replace(source, { start, end: element.end }, '');
  });
  const additions = [...groupBy(placed, ({ set }) => set).values()].map((group) => {
    const [{ source, set, binding }] = group;
    const elements = group.map(textOf).join(' ');
    const native = bindingsOf(set).find((other) => nameOf(other) === 'nativeBuildInputs');
    const list = native && firstList(native.value);
    if (list) return insert(source, list.elements.at(-1)?.end ?? list.start + 1, ` ${elements}`);
    const line = source.text.lastIndexOf('\n', binding.start - 1) + 1;
    const indentation = /^\s*/.exec(source.text.slice(line, binding.start))?.[0] ?? '';
    return insert(source, binding.start, `nativeBuildInputs = [ ${elements} ];\n${indentation}`);
  });
  return [...additions, ...removals];
}

/** The first literal list of a value such as `[ a ] ++ lib.optional b c` or `with pkgs; [ a ]`. */
function firstList(value: Expression): List | undefined {
  const expression = unwrap(value);
  if (expression.kind === 'list') return expression;
  if (expression.kind === 'with') return firstList(expression.body);
  if (expression.kind !== 'binary' || expression.operator !== '++') return undefined;
  return firstList(expression.left) ?? firstList(expression.right);
}
