import { groupBy } from '../model/groupBy.ts';
import { leadingCount } from '../model/leadingCount.ts';
import { perStep, type Steps } from '../model/slices.ts';
import { childrenOf, type AttributeBinding, type Expression, type Span } from '../syntax/ast.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { linesOfString, type StringLine } from '../syntax/stringLines.ts';

/** A string of a file. */
export interface WrittenString extends Span {
  /** What the innermost binding around it binds; undefined outside of any. */
  readonly name: string | undefined;
  readonly lines: readonly StringLine[];
}

/** A binding of a file, by the last of its names. */
export interface NamedBinding {
  readonly name: string;
  readonly binding: AttributeBinding;
}

/** The strings and the bindings of a file, each in the order of the text. */
export class WrittenStrings {
  readonly #strings: readonly WrittenString[];
  readonly #bindings: readonly NamedBinding[];
  readonly #byName: ReadonlyMap<string | undefined, readonly WrittenString[]>;

  private constructor(strings: readonly WrittenString[], bindings: readonly NamedBinding[]) {
    this.#strings = strings;
    this.#bindings = bindings;
    this.#byName = groupBy(strings, ({ name }) => name);
  }

  /** Goes through a file once. */
  static *of({ root, text }: SourceFile): Steps<WrittenStrings> {
    const strings: WrittenString[] = [];
    const bindings: NamedBinding[] = [];
    const open: Place[] = [{ expression: root, name: undefined }];
    let visited = 0;
    for (let at = open.pop(); at; at = open.pop()) {
      if (++visited % perStep === 0) yield;
      const { expression, name } = at;
      if (expression.kind === 'string') {
        const { start, end } = expression;
        strings.push({ name, lines: linesOfString(expression, text), start, end });
      }
      const own = bindingsOf(expression);
      for (const one of own) bindings.push(one);
      const nameOf = new Map(own.map(({ name: bound, binding }) => [binding.value, bound]));
      for (const child of childrenOf(expression).toReversed())
        open.push({ expression: child, name: nameOf.get(child) ?? name });
    }
    return new WrittenStrings(strings, bindings);
  }

  /** Those that innermost bindings of a name have. */
  stringsNamed(name: string): readonly WrittenString[] {
    return this.#byName.get(name) ?? [];
  }

  /** Those that lie within a stretch. */
  stringsIn(span: Span): readonly WrittenString[] {
    return within(this.#strings, span, (string) => string);
  }

  /** Those that lie within a stretch. */
  bindingsIn(span: Span): readonly NamedBinding[] {
    return within(this.#bindings, span, ({ binding }) => binding);
  }
}

interface Place {
  readonly expression: Expression;
  readonly name: string | undefined;
}

function bindingsOf(expression: Expression): NamedBinding[] {
  if (expression.kind !== 'attribute-set' && expression.kind !== 'let') return [];
  return expression.bindings.flatMap((binding) => {
    const last = binding.kind === 'attribute' ? binding.path.at(-1) : undefined;
    return binding.kind === 'attribute' && last?.kind === 'static' ? { name: last.name, binding } : [];
  });
}

/** @param all by where they start */
function within<Thing>(all: readonly Thing[], { start, end }: Span, spanOf: (thing: Thing) => Span): Thing[] {
  const first = leadingCount(all, (thing) => spanOf(thing).start < start);
  const last = leadingCount(all, (thing) => spanOf(thing).start < end);
  return all.slice(first, last).filter((thing) => spanOf(thing).end <= end);
}
