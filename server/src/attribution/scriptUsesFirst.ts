import type { Expression } from '../syntax/ast.ts';
import { holds } from '../syntax/descent.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import type { PlacedExpression } from './placedExpression.ts';
import type { ScriptSource } from './scriptSource.ts';

/** Lists of inputs; what a script does with one of them is no mistake of such a list. */
const inputLists = /^(?:deps[A-Z]|(?:native|propagated\w*)?[bB]uildInputs$|checkInputs$|installCheckInputs$)/;

/**
 * The expressions that have the value of what a script uses wrongly, those first
 * that stand in the very line, then those in the same text. One in a list of
 * inputs comes last, and not at all where a text has the value.
 */
export function scriptUsesFirst(
  places: readonly PlacedExpression[],
  { lines, texts }: ScriptSource,
): PlacedExpression[] {
  const isIn = ({ source, expression }: PlacedExpression, spans: ScriptSource['lines']): boolean =>
    spans.some((place) => place.source === source && holds(place.span, expression));
  const rank = (place: PlacedExpression): number =>
    isIn(place, lines) ? 0 : isIn(place, texts) ? 1 : isInputOfList(place) ? 3 : 2;
  const ranked = places.map((place) => ({ place, rank: rank(place) }));
  const isInText = ranked.some((one) => one.rank <= 1);
  return ranked
    .filter((one) => !isInText || one.rank < 3)
    .sort((one, other) => one.rank - other.rank)
    .map(({ place }) => place);
}

function isInputOfList({ source, expression }: PlacedExpression): boolean {
  let at = expression;
  for (let parent = source.scopes.parentOf(at); parent; at = parent, parent = source.scopes.parentOf(at)) {
    if (parent.kind === 'string') return false;
    const name = boundName(parent, at, source);
    if (name !== undefined) return inputLists.test(name);
  }
  return false;
}

/** The last of the names to which an expression is bound; undefined where it is not the value of a binding. */
function boundName(owner: Expression, value: Expression, { text }: SourceFile): string | undefined {
  if (owner.kind !== 'attribute-set' && owner.kind !== 'let') return undefined;
  for (const binding of owner.bindings) {
    if (binding.kind !== 'attribute' || binding.value !== value) continue;
    const last = binding.path.at(-1);
    return last && text.slice(last.start, last.end);
  }
  return undefined;
}
