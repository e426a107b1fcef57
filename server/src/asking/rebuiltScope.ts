import { pathExpression } from '../nix/pathExpressions.ts';
import { identifierPattern } from '../syntax/identifiers.ts';

const names = new RegExp(identifierPattern, 'g');

/**
 * What an expression sees, as values in a warm Nix: each scope around it is a
 * file there, with an expression whose value is a set of the scope's names.
 * Nix evaluates a file once, so that all queries share these values.
 */
export class RebuiltScope {
  static readonly empty = new RebuiltScope(new Map(), []);

  /** Which file's set has a name. */
  readonly #names: ReadonlyMap<string, string>;
  /** Files of the sets behind `with`, innermost first. */
  readonly #withs: readonly string[];

  private constructor(names: ReadonlyMap<string, string>, withs: readonly string[]) {
    this.#names = names;
    this.#withs = withs;
  }

  /** The names that are bound lexically. */
  get names(): readonly string[] {
    return [...this.#names.keys()];
  }

  /** Expressions of the sets behind `with`, innermost first. */
  get withs(): readonly string[] {
    return this.#withs.map((file) => `(import ${pathExpression(file)})`);
  }

  /** @param file its value is a set that has these names */
  binding(names: Iterable<string>, file: string): RebuiltScope {
    const inner = new Map(this.#names);
    for (const name of names) inner.set(name, file);
    return new RebuiltScope(inner, this.#withs);
  }

  /** @param file its value is the set behind the `with` */
  within(file: string): RebuiltScope {
    return new RebuiltScope(this.#names, [file, ...this.#withs]);
  }

  /**
   * An expression that evaluates a text in this scope, and needs no other. The
   * sets are arguments, for the text's own scope may bind `import`. A lexical
   * name wins over every `with`, wherever it stands (Nix manual, "With-expressions").
   */
  wrap(text: string): string {
    const used = new Map<string, string[]>();
    for (const name of new Set(text.match(names))) {
      const file = this.#names.get(name);
      if (file !== undefined) used.set(file, [...(used.get(file) ?? []), name]);
    }
    const files = [...new Set([...used.keys(), ...this.#withs])];
    const parameter = (file: string): string => `__npl_scope${files.indexOf(file)}`;
    const parameters = files.map((file) => `${parameter(file)}: `).join('');
    const withs = this.#withs.toReversed().map((file) => `with ${parameter(file)}; `);
    const inherits = [...used].map(([file, names]) => `inherit (${parameter(file)}) ${names.join(' ')}; `);
    const lexical = inherits.length > 0 ? `let ${inherits.join('')}in ` : '';
    const sets = files.map((file) => ` (import ${pathExpression(file)})`).join('');
    return `(${parameters}${withs.join('')}${lexical}(\n${text}\n))${sets}`;
  }
}
