import type { Node } from 'web-tree-sitter';
import type { ShellParser } from './shellParser.ts';
import { maximumValues, valuesOf, type Values, type ShellVariables, type Word } from './shellWords.ts';

/** A text that a command reads: a here-document or a here-string. */
export interface GivenText {
  readonly values: Values;
  /** The line of the script on which it begins, from one. */
  readonly line: number;
}

/** A simple command. */
export interface ShellCommand {
  /** The program and its arguments; at least one. */
  readonly words: readonly Word[];
  /** Files that its standard output goes to; empty where it goes elsewhere. */
  readonly writesTo: Values;
  readonly input?: GivenText;
  /** The script goes on where it fails: `… || true`. */
  readonly mayFail: boolean;
  /** The script asks whether it succeeds: `if …`, `… || …`, `! …`. */
  readonly isTested: boolean;
}

export interface ShellAssignment extends Word {
  readonly name: string;
  /** Programs see it: it is exported, or stands before a command. */
  readonly exported: boolean;
}

export interface ScriptVisitor {
  command(command: ShellCommand): void;
  assignment(assignment: ShellAssignment): void;
  /** A function of this name is defined; its body is visited like any other text. */
  defined?(name: string): void;
}

/** Larger texts are no scripts that people write. */
const maximumLength = 256 * 1024;
/** Nobody nests so deep; a forged script must not exhaust the stack. */
const maximumDepth = 150;
/** Characters that all words of a script have once they are expanded, at most. */
const maximumExpanded = 8 * 1024 * 1024;

/** What may still be expanded of a script, and of those inside of it. */
export interface Allowance {
  characters: number;
}

export function newAllowance(): Allowance {
  return { characters: maximumExpanded };
}

/**
 * Goes through a script in the order of its text: every command at a command
 * position (in conditions, pipes, substitutions and the bodies of functions as
 * well) and every assignment. Values of variables are remembered in `variables`
 * as they are assigned, whatever the conditions.
 *
 * @param firstLine the line, from one, that the text begins on
 */
export function walkScript(
  text: string,
  parser: ShellParser,
  variables: ShellVariables,
  visitor: ScriptVisitor,
  firstLine = 1,
  allowance = newAllowance(),
): void {
  if (text.length > maximumLength) return;
  const tree = parser.parse(text);
  if (tree === undefined) return;
  try {
    new Walk(variables, visitor, firstLine, allowance).visit(tree.rootNode, nowhere, 0);
  } finally {
    tree.delete();
  }
}

/** Where standard output goes, what standard input is, and whether a failure matters, around a node. */
interface Surroundings {
  readonly writesTo: Values;
  readonly input?: GivenText;
  readonly mayFail: boolean;
  readonly isTested: boolean;
}

const nowhere: Surroundings = { writesTo: [], mayFail: false, isTested: false };

class Walk {
  readonly #variables: ShellVariables;
  readonly #visitor: ScriptVisitor;
  readonly #firstLine: number;
  readonly #allowance: Allowance;

  constructor(variables: ShellVariables, visitor: ScriptVisitor, firstLine: number, allowance: Allowance) {
    this.#allowance = allowance;
    this.#variables = variables;
    this.#visitor = visitor;
    this.#firstLine = firstLine;
  }

  visit(node: Node, around: Surroundings, depth: number): void {
    if (depth > maximumDepth || this.#allowance.characters <= 0) return;
    switch (node.type) {
      case 'command':
        this.#visitCommand(node, around, [], depth);
        return;
      case 'redirected_statement':
        this.#visitRedirected(node, around, depth);
        return;
      case 'variable_assignment':
        this.#visitChildren(node, apart(around), depth);
        this.#assign(
          node,
          node.parent?.type === 'declaration_command' && node.parent.text.startsWith('export'),
          true,
        );
        return;
      case 'for_statement':
        this.#bindLoopVariable(node);
        this.#visitChildren(node, around, depth);
        return;
      case 'command_substitution':
      case 'process_substitution':
        this.#visitChildren(node, apart(around), depth);
        return;
      case 'list':
        this.#visitList(node, around, depth);
        return;
      case 'if_statement':
      case 'elif_clause':
      case 'while_statement':
        this.#visitCondition(node, around, depth);
        return;
      case 'negated_command':
        this.#visitChildren(node, { ...around, isTested: true }, depth);
        return;
      case 'function_definition':
        this.#visitor.defined?.(node.childForFieldName('name')?.text ?? '');
        this.#visitChildren(node, around, depth);
        return;
      default:
        this.#visitChildren(node, around, depth);
    }
  }

  #visitChildren(node: Node, around: Surroundings, depth: number): void {
    if (node.namedChildCount === 0) return;
    for (const child of node.namedChildren) this.visit(child, around, depth + 1);
  }

  #visitList(node: Node, outer: Surroundings, depth: number): void {
    const isOr = node.children.some(({ type }) => type === '||');
    const [first, second] = node.namedChildren;
    const mayFail = isOr && /^(?:true|:)$/.test(second?.text ?? '');
    if (first && mayFail) this.visit(first, { ...outer, mayFail, isTested: true }, depth + 1);
    else if (first && second && isOr) {
      this.visit(first, { ...outer, isTested: true }, depth + 1);
      this.visit(second, outer, depth + 1);
    } else this.#visitChildren(node, outer, depth);
  }

  /** What stands before `then` or `do` is only asked. */
  #visitCondition(node: Node, around: Surroundings, depth: number): void {
    const body = node.children.find(({ type }) => type === 'then' || type === 'do_group');
    const end = body?.startIndex ?? node.endIndex;
    for (const child of node.namedChildren)
      this.visit(child, child.startIndex < end ? { ...around, isTested: true } : around, depth + 1);
  }

  #visitCommand(node: Node, outer: Surroundings, more: readonly Node[], depth: number): void {
    const words: Word[] = [];
    let redirection = outer;
    for (const child of node.namedChildren) {
      if (child.type === 'variable_assignment') this.#assign(child, true, false);
      else if (isRedirect(child)) redirection = this.#redirect(child, redirection);
      else words.push(this.#word(child));
      this.#visitChildren(child, apart(outer), depth);
    }
    words.push(...more.map((child) => this.#word(child)));
    if (words.length > 0) this.#visitor.command({ words, ...redirection });
  }

  #visitRedirected(node: Node, outer: Surroundings, depth: number): void {
    const body = node.childForFieldName('body');
    let redirection = outer;
    const more: Node[] = [];
    for (const child of node.namedChildren) {
      if (!isRedirect(child)) continue;
      redirection = this.#redirect(child, redirection);
      // `echo a > b c`: the grammar takes every word behind the first for another file.
      if (child.type === 'file_redirect') more.push(...child.childrenForFieldName('destination').slice(1));
      this.#visitChildren(child, nowhere, depth);
    }
    if (body?.type === 'command') this.#visitCommand(body, redirection, more, depth);
    else if (body) this.visit(body, redirection, depth + 1);
  }

  #redirect(node: Node, outer: Surroundings): Surroundings {
    switch (node.type) {
      case 'file_redirect': {
        const operator = /^(\d*)(&>>?|>>?\|?)/.exec(node.text);
        const destination = node.childForFieldName('destination');
        const isOutput = operator !== null && (operator[1] === '' || operator[1] === '1');
        if (!isOutput || !destination) return outer;
        return { ...outer, writesTo: this.#valuesOf(destination) };
      }
      case 'herestring_redirect': {
        const [given] = node.namedChildren;
        return given ? { ...outer, input: this.#given(given) } : outer;
      }
      default: {
        // A redirection behind `<<EOF` stands inside the node of the here-document.
        let inner = outer;
        for (const child of node.namedChildren) {
          if (child.type === 'file_redirect') inner = this.#redirect(child, inner);
          else if (child.type === 'heredoc_body') inner = { ...inner, input: this.#given(child) };
        }
        return inner;
      }
    }
  }

  #given(node: Node): GivenText {
    return { values: this.#valuesOf(node), line: this.#lineOf(node) };
  }

  #assign(node: Node, exported: boolean, lasts: boolean): void {
    const name = node.childForFieldName('name')?.text;
    if (name === undefined) return;
    const value = node.childForFieldName('value');
    const values = value ? this.#valuesOf(value) : [''];
    this.#visitor.assignment({ name, values, line: this.#lineOf(value ?? node), exported });
    if (!lasts) return;
    const isAppended = node.text.startsWith(`${name}+=`);
    const former = isAppended ? (this.#variables.get(name) ?? []) : [];
    this.#variables.set(name, [...former, ...values].slice(-maximumValues));
  }

  #bindLoopVariable(node: Node): void {
    const name = node.childForFieldName('variable')?.text;
    const values = node
      .childrenForFieldName('value')
      .flatMap((value) => this.#valuesOf(value))
      .flatMap((value) => value.split(/\s+/));
    if (name !== undefined)
      this.#variables.set(name, values.length > 0 ? values.slice(0, maximumValues) : ['$@']);
  }

  #word(node: Node): Word {
    return { values: this.#valuesOf(node), line: this.#lineOf(node) };
  }

  /** Nothing is expanded any more once the allowance is used up. */
  #valuesOf(node: Node): Values {
    if (this.#allowance.characters <= 0) return [''];
    const values = valuesOf(node, this.#variables);
    for (const value of values) this.#allowance.characters -= value.length;
    return values;
  }

  #lineOf(node: Node): number {
    return this.#firstLine + node.startPosition.row;
  }
}

/** What runs within a word has its own output, and its failure matters as much. */
function apart({ mayFail, isTested }: Surroundings): Surroundings {
  return { ...nowhere, mayFail, isTested };
}

function isRedirect({ type }: Node): boolean {
  return type === 'file_redirect' || type === 'heredoc_redirect' || type === 'herestring_redirect';
}
