import type { Node, Tree } from 'web-tree-sitter';
import type { AttributeName, Binding, Expression, Formal, Interpolation, Named, Span } from './ast.ts';

/** The expression of a whole file. What the grammar could not parse becomes `malformed`. */
export function buildAst(tree: Tree): Expression {
  const root = tree.rootNode;
  const expression = root.childForFieldName('expression');
  return expression ? build(expression, undefined) : { kind: 'malformed', ...span(root) };
}

/**
 * Only those expressions of a file that an offset touches, and of sets and
 * lists only such members: what a position points at, in a time that does not
 * grow with the file. All others are `malformed`.
 */
export function buildAstAround(tree: Tree, offset: number): Expression {
  const root = tree.rootNode;
  const expression = root.childForFieldName('expression');
  return expression ? build(expression, offset) : { kind: 'malformed', ...span(root) };
}

/** An offset; undefined: everything. */
type Around = number | undefined;

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

function span(node: Node): Span {
  return { start: node.startIndex, end: node.endIndex };
}

function field(node: Node, name: string, at: Around): Expression {
  const child = node.childForFieldName(name);
  return child ? build(child, at) : { kind: 'malformed', start: node.endIndex, end: node.endIndex };
}

function fieldText(node: Node, name: string): string {
  return node.childForFieldName(name)?.text ?? '';
}

function build(node: Node, at: Around): Expression {
  if (at !== undefined && (node.endIndex < at || at < node.startIndex))
    return { kind: 'malformed', ...span(node) };
  switch (node.type) {
    case 'variable_expression':
      return { kind: 'variable', name: node.text, ...span(node) };
    case 'select_expression': {
      const fallback = node.childForFieldName('default');
      return {
        kind: 'select',
        base: field(node, 'expression', at),
        path: attributePath(node.childForFieldName('attrpath'), at),
        ...(fallback ? { fallback: build(fallback, at) } : {}),
        ...span(node),
      };
    }
    case 'has_attr_expression':
      return {
        kind: 'has-attribute',
        base: field(node, 'expression', at),
        path: attributePath(node.childForFieldName('attrpath'), at),
        ...span(node),
      };
    case 'apply_expression':
      return {
        kind: 'apply',
        fn: field(node, 'function', at),
        argument: field(node, 'argument', at),
        ...span(node),
      };
    case 'attrset_expression':
      return { kind: 'attribute-set', recursive: false, bindings: bindings(node, at), ...span(node) };
    case 'rec_attrset_expression':
    case 'let_attrset_expression':
      return { kind: 'attribute-set', recursive: true, bindings: bindings(node, at), ...span(node) };
    case 'let_expression':
      return { kind: 'let', bindings: bindings(node, at), body: field(node, 'body', at), ...span(node) };
    case 'with_expression':
      return {
        kind: 'with',
        environment: field(node, 'environment', at),
        body: field(node, 'body', at),
        ...span(node),
      };
    case 'assert_expression':
      return {
        kind: 'assert',
        condition: field(node, 'condition', at),
        body: field(node, 'body', at),
        ...span(node),
      };
    case 'if_expression':
      return {
        kind: 'if',
        condition: field(node, 'condition', at),
        consequence: field(node, 'consequence', at),
        alternative: field(node, 'alternative', at),
        ...span(node),
      };
    case 'function_expression':
      return lambda(node, at);
    case 'list_expression':
      return { kind: 'list', elements: elements(node, at), ...span(node) };
    case 'parenthesized_expression':
      return { kind: 'parenthesized', inner: field(node, 'expression', at), ...span(node) };
    case 'string_expression':
    case 'indented_string_expression':
      return string(node, at);
    case 'path_expression':
      return {
        kind: 'path',
        form: node.text.startsWith('/') ? 'absolute' : 'relative',
        interpolations: interpolations(node, at),
        ...span(node),
      };
    case 'hpath_expression':
      return { kind: 'path', form: 'home', interpolations: interpolations(node, at), ...span(node) };
    case 'spath_expression':
      return { kind: 'path', form: 'search', interpolations: [], ...span(node) };
    case 'unary_expression':
      return { kind: 'unary', operand: field(node, 'argument', at), ...span(node) };
    case 'binary_expression':
      return {
        kind: 'binary',
        operator: fieldText(node, 'operator'),
        left: field(node, 'left', at),
        right: field(node, 'right', at),
        ...span(node),
      };
    case 'integer_expression':
    case 'float_expression':
    case 'uri_expression':
      return { kind: 'literal', ...span(node) };
    default:
      return { kind: 'malformed', ...span(node) };
  }
}

function elements(node: Node, at: Around): Expression[] {
  const members =
    at === undefined
      ? node.childrenForFieldName('element')
      : touching(node, at).filter(({ type }) => type.endsWith('_expression'));
  return members.map((child) => build(child, at));
}

function string(node: Node, at: Around): Expression {
  const parts = interpolations(node, at);
  const fragments = node.namedChildren;
  const plain = fragments.every((child) => child.type === 'string_fragment');
  return {
    kind: 'string',
    indented: node.type === 'indented_string_expression',
    interpolations: parts,
    ...(plain && node.type === 'string_expression'
      ? { value: fragments.map((child) => child.text).join('') }
      : {}),
    ...span(node),
  };
}

function interpolations(node: Node, at: Around): Interpolation[] {
  return node.namedChildren.flatMap((child) =>
    child.type === 'interpolation' ? { expression: field(child, 'expression', at), ...span(child) } : [],
  );
}

function lambda(node: Node, at: Around): Expression {
  const universal = node.childForFieldName('universal');
  const formals = node.childForFieldName('formals');
  return {
    kind: 'lambda',
    ...(universal ? { parameter: named(universal) } : {}),
    ...(formals
      ? {
          formals: formals.childrenForFieldName('formal').flatMap((child) => formal(child, at)),
          formalsSpan: span(formals),
        }
      : {}),
    ellipsis: Boolean(formals?.childForFieldName('ellipses')),
    body: field(node, 'body', at),
    ...span(node),
  };
}

function formal(node: Node, at: Around): Formal | [] {
  const name = node.childForFieldName('name');
  // A name that error recovery made up is no formal.
  if (!name || name.isMissing) return [];
  const fallback = node.childForFieldName('default');
  return { name: named(name), ...(fallback ? { fallback: build(fallback, at) } : {}), ...span(node) };
}

function named(node: Node): Named {
  return { name: node.text, ...span(node) };
}

function bindings(node: Node, at: Around): Binding[] {
  const set = node.namedChildren.find((child) => child.type === 'binding_set');
  if (!set) return [];
  const members = at === undefined ? set.childrenForFieldName('binding') : touching(set, at);
  return members.flatMap((child) => binding(child, at));
}

function binding(node: Node, at: Around): Binding | [] {
  switch (node.type) {
    case 'binding':
      return {
        kind: 'attribute',
        path: attributePath(node.childForFieldName('attrpath'), at),
        value: field(node, 'expression', at),
        ...span(node),
      };
    case 'inherit':
      return { kind: 'inherit', names: attributePath(node.childForFieldName('attrs'), at), ...span(node) };
    case 'inherit_from':
      return {
        kind: 'inherit-from',
        from: field(node, 'expression', at),
        names: attributePath(node.childForFieldName('attrs'), at),
        ...span(node),
      };
    default:
      return [];
  }
}

function attributePath(node: Node | null, at: Around): AttributeName[] {
  if (!node) return [];
  return node.childrenForFieldName('attr').map((attr): AttributeName => {
    if (attr.type === 'identifier') return { kind: 'static', ...named(attr) };
    const expression = attr.type === 'interpolation' ? field(attr, 'expression', at) : build(attr, undefined);
    if (expression.kind === 'string' && expression.value !== undefined) {
      return { kind: 'static', name: expression.value, ...span(attr) };
    }
    return { kind: 'dynamic', expression, ...span(attr) };
  });
}
