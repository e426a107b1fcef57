import type { Node, Tree } from 'web-tree-sitter';
import type { AttributeName, Binding, Expression, Formal, Interpolation, Named, Span } from './ast.ts';

/** The expression of a whole file. What the grammar could not parse becomes `malformed`. */
export function buildAst(tree: Tree): Expression {
  const root = tree.rootNode;
  const expression = root.childForFieldName('expression');
  return expression ? build(expression) : { kind: 'malformed', ...span(root) };
}

function span(node: Node): Span {
  return { start: node.startIndex, end: node.endIndex };
}

function field(node: Node, name: string): Expression {
  const child = node.childForFieldName(name);
  return child ? build(child) : { kind: 'malformed', start: node.endIndex, end: node.endIndex };
}

function fieldText(node: Node, name: string): string {
  return node.childForFieldName(name)?.text ?? '';
}

function build(node: Node): Expression {
  switch (node.type) {
    case 'variable_expression':
      return { kind: 'variable', name: node.text, ...span(node) };
    case 'select_expression': {
      const fallback = node.childForFieldName('default');
      return {
        kind: 'select',
        base: field(node, 'expression'),
        path: attributePath(node.childForFieldName('attrpath')),
        ...(fallback ? { fallback: build(fallback) } : {}),
        ...span(node),
      };
    }
    case 'has_attr_expression':
      return {
        kind: 'has-attribute',
        base: field(node, 'expression'),
        path: attributePath(node.childForFieldName('attrpath')),
        ...span(node),
      };
    case 'apply_expression':
      return { kind: 'apply', fn: field(node, 'function'), argument: field(node, 'argument'), ...span(node) };
    case 'attrset_expression':
      return { kind: 'attribute-set', recursive: false, bindings: bindings(node), ...span(node) };
    case 'rec_attrset_expression':
    case 'let_attrset_expression':
      return { kind: 'attribute-set', recursive: true, bindings: bindings(node), ...span(node) };
    case 'let_expression':
      return { kind: 'let', bindings: bindings(node), body: field(node, 'body'), ...span(node) };
    case 'with_expression':
      return {
        kind: 'with',
        environment: field(node, 'environment'),
        body: field(node, 'body'),
        ...span(node),
      };
    case 'assert_expression':
      return {
        kind: 'assert',
        condition: field(node, 'condition'),
        body: field(node, 'body'),
        ...span(node),
      };
    case 'if_expression':
      return {
        kind: 'if',
        condition: field(node, 'condition'),
        consequence: field(node, 'consequence'),
        alternative: field(node, 'alternative'),
        ...span(node),
      };
    case 'function_expression':
      return lambda(node);
    case 'list_expression':
      return { kind: 'list', elements: node.childrenForFieldName('element').map(build), ...span(node) };
    case 'parenthesized_expression':
      return { kind: 'parenthesized', inner: field(node, 'expression'), ...span(node) };
    case 'string_expression':
    case 'indented_string_expression':
      return string(node);
    case 'path_expression':
      return {
        kind: 'path',
        form: node.text.startsWith('/') ? 'absolute' : 'relative',
        interpolations: interpolations(node),
        ...span(node),
      };
    case 'hpath_expression':
      return { kind: 'path', form: 'home', interpolations: interpolations(node), ...span(node) };
    case 'spath_expression':
      return { kind: 'path', form: 'search', interpolations: [], ...span(node) };
    case 'unary_expression':
      return { kind: 'unary', operand: field(node, 'argument'), ...span(node) };
    case 'binary_expression':
      return {
        kind: 'binary',
        operator: fieldText(node, 'operator'),
        left: field(node, 'left'),
        right: field(node, 'right'),
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

function string(node: Node): Expression {
  const parts = interpolations(node);
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

function interpolations(node: Node): Interpolation[] {
  return node.namedChildren.flatMap((child) =>
    child.type === 'interpolation' ? { expression: field(child, 'expression'), ...span(child) } : [],
  );
}

function lambda(node: Node): Expression {
  const universal = node.childForFieldName('universal');
  const formals = node.childForFieldName('formals');
  return {
    kind: 'lambda',
    ...(universal ? { parameter: named(universal) } : {}),
    ...(formals
      ? { formals: formals.childrenForFieldName('formal').flatMap(formal), formalsSpan: span(formals) }
      : {}),
    ellipsis: Boolean(formals?.childForFieldName('ellipses')),
    body: field(node, 'body'),
    ...span(node),
  };
}

function formal(node: Node): Formal | [] {
  const name = node.childForFieldName('name');
  // A name that error recovery made up is no formal.
  if (!name || name.isMissing) return [];
  const fallback = node.childForFieldName('default');
  return { name: named(name), ...(fallback ? { fallback: build(fallback) } : {}), ...span(node) };
}

function named(node: Node): Named {
  return { name: node.text, ...span(node) };
}

function bindings(node: Node): Binding[] {
  const set = node.namedChildren.find((child) => child.type === 'binding_set');
  return set ? set.childrenForFieldName('binding').flatMap(binding) : [];
}

function binding(node: Node): Binding | [] {
  switch (node.type) {
    case 'binding':
      return {
        kind: 'attribute',
        path: attributePath(node.childForFieldName('attrpath')),
        value: field(node, 'expression'),
        ...span(node),
      };
    case 'inherit':
      return { kind: 'inherit', names: attributePath(node.childForFieldName('attrs')), ...span(node) };
    case 'inherit_from':
      return {
        kind: 'inherit-from',
        from: field(node, 'expression'),
        names: attributePath(node.childForFieldName('attrs')),
        ...span(node),
      };
    default:
      return [];
  }
}

function attributePath(node: Node | null): AttributeName[] {
  if (!node) return [];
  return node.childrenForFieldName('attr').map((attr): AttributeName => {
    if (attr.type === 'identifier') return { kind: 'static', ...named(attr) };
    const expression = attr.type === 'interpolation' ? field(attr, 'expression') : build(attr);
    if (expression.kind === 'string' && expression.value !== undefined) {
      return { kind: 'static', name: expression.value, ...span(attr) };
    }
    return { kind: 'dynamic', expression, ...span(attr) };
  });
}
