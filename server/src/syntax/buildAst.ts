import type { Node, Tree } from 'web-tree-sitter';
import type { AttributeName, Binding, Expression, Formal, Interpolation, Named, Span } from './ast.ts';
import { TextLimitError, textLimits } from './textLimits.ts';

/**
 * The expression of a whole file. What the grammar could not parse becomes
 * `malformed`. Whoever walks through it may recurse: it is not too deep for that.
 *
 * @throws TextLimitError where it would be
 */
export function buildAst(tree: Tree, text: string): Expression {
  return buildRoot(tree, { text, shift: 0, nesting: { depth: 0 } });
}

/**
 * Only those expressions of a file that an offset touches, and of sets and
 * lists only such members: what a position points at, in a time that does not
 * grow with the file. All others are `malformed`, as is what lies too deep.
 *
 * @param text what the tree's positions refer to
 * @param patch bindings that stand in the place of all those of one set
 */
export function buildAstAround(tree: Tree, text: string, offset: number, patch?: Patch): Expression {
  return buildRoot(tree, { text, shift: 0, nesting: { depth: 0 }, around: offset, ...(patch && { patch }) });
}

/**
 * The bindings of a set that was parsed on its own.
 *
 * @param shift where the set's text begins in `text`
 */
export function buildBindingsAround(tree: Tree, text: string, shift: number, offset: number): Binding[] {
  const set = tree.rootNode.childForFieldName('expression');
  return set ? bindings(set, { text, shift, nesting: { depth: 0 }, around: offset - shift }) : [];
}

/** Bindings that stand in the place of those of a set. */
export interface Patch {
  /** The set's node of the kind `binding_set`. */
  readonly set: Node;
  readonly bindings: readonly Binding[];
}

/** What is built of a tree. */
interface View {
  /** Of the whole file. */
  readonly text: string;
  /** From the tree's offsets to those of the text. */
  readonly shift: number;
  /** One of the tree's offsets; undefined: everything. */
  readonly around?: number;
  readonly patch?: Patch;
  /** How many expressions are being built, one within the other. */
  readonly nesting: { depth: number };
}

function buildRoot(tree: Tree, view: View): Expression {
  const root = tree.rootNode;
  const expression = root.childForFieldName('expression');
  return expression ? build(expression, view) : { kind: 'malformed', ...span(root, view) };
}

/** The named children that an offset touches, found without looking at the others. */
function touching(node: Node, offset: number): Node[] {
  const found: Node[] = [];
  let child = node.firstNamedChildForIndex(Math.max(0, offset - 1));
  while (child && child.startIndex <= offset) {
    if (offset <= child.endIndex) found.push(child);
    child = child.nextNamedSibling;
  }
  return found;
}

function span(node: Node, { shift }: View): Span {
  return { start: node.startIndex + shift, end: node.endIndex + shift };
}

function textOf(node: Node, { text, shift }: View): string {
  return text.slice(node.startIndex + shift, node.endIndex + shift);
}

function field(node: Node, name: string, view: View): Expression {
  const child = node.childForFieldName(name);
  return child
    ? build(child, view)
    : { kind: 'malformed', start: node.endIndex + view.shift, end: node.endIndex + view.shift };
}

function fieldText(node: Node, name: string, view: View): string {
  const child = node.childForFieldName(name);
  return child ? textOf(child, view) : '';
}

function build(node: Node, view: View): Expression {
  const { around, nesting } = view;
  if (around !== undefined && (node.endIndex < around || around < node.startIndex))
    return { kind: 'malformed', ...span(node, view) };
  if (nesting.depth >= textLimits.depth) {
    if (around === undefined) throw new TextLimitError('depth');
    return { kind: 'malformed', ...span(node, view) };
  }
  nesting.depth += 1;
  const expression = buildKnown(node, view);
  nesting.depth -= 1;
  return expression;
}

function buildKnown(node: Node, view: View): Expression {
  switch (node.type) {
    case 'variable_expression':
      return { kind: 'variable', name: textOf(node, view), ...span(node, view) };
    case 'select_expression': {
      const fallback = node.childForFieldName('default');
      return {
        kind: 'select',
        base: field(node, 'expression', view),
        path: attributePath(node.childForFieldName('attrpath'), view),
        ...(fallback ? { fallback: build(fallback, view) } : {}),
        ...span(node, view),
      };
    }
    case 'has_attr_expression':
      return {
        kind: 'has-attribute',
        base: field(node, 'expression', view),
        path: attributePath(node.childForFieldName('attrpath'), view),
        ...span(node, view),
      };
    case 'apply_expression':
      return {
        kind: 'apply',
        fn: field(node, 'function', view),
        argument: field(node, 'argument', view),
        ...span(node, view),
      };
    case 'attrset_expression':
      return { kind: 'attribute-set', recursive: false, bindings: bindings(node, view), ...span(node, view) };
    case 'rec_attrset_expression':
    case 'let_attrset_expression':
      return { kind: 'attribute-set', recursive: true, bindings: bindings(node, view), ...span(node, view) };
    case 'let_expression':
      return {
        kind: 'let',
        bindings: bindings(node, view),
        body: field(node, 'body', view),
        ...span(node, view),
      };
    case 'with_expression':
      return {
        kind: 'with',
        environment: field(node, 'environment', view),
        body: field(node, 'body', view),
        ...span(node, view),
      };
    case 'assert_expression':
      return {
        kind: 'assert',
        condition: field(node, 'condition', view),
        body: field(node, 'body', view),
        ...span(node, view),
      };
    case 'if_expression':
      return {
        kind: 'if',
        condition: field(node, 'condition', view),
        consequence: field(node, 'consequence', view),
        alternative: field(node, 'alternative', view),
        ...span(node, view),
      };
    case 'function_expression':
      return lambda(node, view);
    case 'list_expression':
      return { kind: 'list', elements: elements(node, view), ...span(node, view) };
    case 'parenthesized_expression':
      return { kind: 'parenthesized', inner: field(node, 'expression', view), ...span(node, view) };
    case 'string_expression':
    case 'indented_string_expression':
      return string(node, view);
    case 'path_expression':
      return {
        kind: 'path',
        form: textOf(node, view).startsWith('/') ? 'absolute' : 'relative',
        interpolations: interpolations(node, view),
        ...span(node, view),
      };
    case 'hpath_expression':
      return { kind: 'path', form: 'home', interpolations: interpolations(node, view), ...span(node, view) };
    case 'spath_expression':
      return { kind: 'path', form: 'search', interpolations: [], ...span(node, view) };
    case 'unary_expression':
      return { kind: 'unary', operand: field(node, 'argument', view), ...span(node, view) };
    case 'binary_expression':
      return {
        kind: 'binary',
        operator: fieldText(node, 'operator', view),
        left: field(node, 'left', view),
        right: field(node, 'right', view),
        ...span(node, view),
      };
    case 'integer_expression':
    case 'float_expression':
    case 'uri_expression':
      return { kind: 'literal', ...span(node, view) };
    default:
      return { kind: 'malformed', ...span(node, view) };
  }
}

function elements(node: Node, view: View): Expression[] {
  const members =
    view.around === undefined
      ? node.childrenForFieldName('element')
      : touching(node, view.around).filter(({ type }) => type.endsWith('_expression'));
  return members.map((child) => build(child, view));
}

function string(node: Node, view: View): Expression {
  const parts = interpolations(node, view);
  const fragments = node.namedChildren;
  const plain = fragments.every((child) => child.type === 'string_fragment');
  return {
    kind: 'string',
    indented: node.type === 'indented_string_expression',
    interpolations: parts,
    ...(plain && node.type === 'string_expression'
      ? { value: fragments.map((child) => textOf(child, view)).join('') }
      : {}),
    ...span(node, view),
  };
}

function interpolations(node: Node, view: View): Interpolation[] {
  return node.namedChildren.flatMap((child) =>
    child.type === 'interpolation'
      ? { expression: field(child, 'expression', view), ...span(child, view) }
      : [],
  );
}

function lambda(node: Node, view: View): Expression {
  const universal = node.childForFieldName('universal');
  const formals = node.childForFieldName('formals');
  return {
    kind: 'lambda',
    ...(universal ? { parameter: named(universal, view) } : {}),
    ...(formals
      ? {
          formals: formals.childrenForFieldName('formal').flatMap((child) => formal(child, view)),
          formalsSpan: span(formals, view),
        }
      : {}),
    ellipsis: Boolean(formals?.childForFieldName('ellipses')),
    body: field(node, 'body', view),
    ...span(node, view),
  };
}

function formal(node: Node, view: View): Formal | [] {
  const name = node.childForFieldName('name');
  // A name that error recovery made up is no formal.
  if (!name || name.isMissing) return [];
  const fallback = node.childForFieldName('default');
  return {
    name: named(name, view),
    ...(fallback ? { fallback: build(fallback, view) } : {}),
    ...span(node, view),
  };
}

function named(node: Node, view: View): Named {
  return { name: textOf(node, view), ...span(node, view) };
}

function bindings(node: Node, view: View): Binding[] {
  const set = node.namedChildren.find((child) => child.type === 'binding_set');
  if (!set) return [];
  if (view.patch?.set.id === set.id) return [...view.patch.bindings];
  const members =
    view.around === undefined ? set.childrenForFieldName('binding') : touching(set, view.around);
  return members.flatMap((child) => binding(child, view));
}

function binding(node: Node, view: View): Binding | [] {
  switch (node.type) {
    case 'binding':
      return {
        kind: 'attribute',
        path: attributePath(node.childForFieldName('attrpath'), view),
        value: field(node, 'expression', view),
        ...span(node, view),
      };
    case 'inherit':
      return {
        kind: 'inherit',
        names: attributePath(node.childForFieldName('attrs'), view),
        ...span(node, view),
      };
    case 'inherit_from':
      return {
        kind: 'inherit-from',
        from: field(node, 'expression', view),
        names: attributePath(node.childForFieldName('attrs'), view),
        ...span(node, view),
      };
    default:
      return [];
  }
}

function attributePath(node: Node | null, view: View): AttributeName[] {
  if (!node) return [];
  return node.childrenForFieldName('attr').map((attr): AttributeName => {
    if (attr.type === 'identifier') return { kind: 'static', ...named(attr, view) };
    const expression =
      attr.type === 'interpolation'
        ? field(attr, 'expression', view)
        : build(attr, { text: view.text, shift: view.shift, nesting: view.nesting });
    if (expression.kind === 'string' && expression.value !== undefined) {
      return { kind: 'static', name: expression.value, ...span(attr, view) };
    }
    return { kind: 'dynamic', expression, ...span(attr, view) };
  });
}
