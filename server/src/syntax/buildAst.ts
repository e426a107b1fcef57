import type { Node, Tree } from 'web-tree-sitter';
import { atOnce, forEach, type Steps } from '../model/slices.ts';
import type { AttributeName, Binding, Expression, Formal, Interpolation, Named, Span } from './ast.ts';
import { TextLimitError, textLimits } from './textLimits.ts';

/** After how many expressions a step is over: each is asked of WebAssembly, field by field. */
const perStep = 100;

/**
 * The expression of a whole file. What the grammar could not parse becomes
 * `malformed`. Whoever walks through it may recurse: it is not too deep for that.
 *
 * @throws TextLimitError where it would be
 */
export function buildAst(tree: Tree, text: string): Steps<Expression> {
  return buildRoot(tree, { text, shift: 0, progress: newProgress() });
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
  return atOnce(
    buildRoot(tree, { text, shift: 0, progress: newProgress(), around: offset, ...(patch && { patch }) }),
  );
}

/**
 * The bindings of a set that was parsed on its own.
 *
 * @param shift where the set's text begins in `text`
 */
export function buildBindingsAround(tree: Tree, text: string, shift: number, offset: number): Binding[] {
  const set = tree.rootNode.childForFieldName('expression');
  return set ? atOnce(bindings(set, { text, shift, progress: newProgress(), around: offset - shift })) : [];
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
  readonly progress: Progress;
}

interface Progress {
  /** How many expressions are being built, one within the other. */
  depth: number;
  /** How many expressions have been begun. */
  begun: number;
}

function newProgress(): Progress {
  return { depth: 0, begun: 0 };
}

function* buildRoot(tree: Tree, view: View): Steps<Expression> {
  const root = tree.rootNode;
  const expression = root.childForFieldName('expression');
  return expression ? yield* build(expression, view) : { kind: 'malformed', ...span(root, view) };
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

function* field(node: Node, name: string, view: View): Steps<Expression> {
  const child = node.childForFieldName(name);
  return child
    ? yield* build(child, view)
    : { kind: 'malformed', start: node.endIndex + view.shift, end: node.endIndex + view.shift };
}

function fieldText(node: Node, name: string, view: View): string {
  const child = node.childForFieldName(name);
  return child ? textOf(child, view) : '';
}

function* build(node: Node, view: View): Steps<Expression> {
  const { around, progress } = view;
  if (around !== undefined && (node.endIndex < around || around < node.startIndex))
    return { kind: 'malformed', ...span(node, view) };
  if (progress.depth >= textLimits.depth) {
    if (around === undefined) throw new TextLimitError('depth');
    return { kind: 'malformed', ...span(node, view) };
  }
  progress.begun += 1;
  if (progress.begun % perStep === 0) yield;
  progress.depth += 1;
  const expression = yield* buildKnown(node, view);
  progress.depth -= 1;
  return expression;
}

function* buildKnown(node: Node, view: View): Steps<Expression> {
  switch (node.type) {
    case 'variable_expression':
      return { kind: 'variable', name: textOf(node, view), ...span(node, view) };
    case 'select_expression': {
      const fallback = node.childForFieldName('default');
      return {
        kind: 'select',
        base: yield* field(node, 'expression', view),
        path: yield* attributePath(node.childForFieldName('attrpath'), view),
        ...(fallback ? { fallback: yield* build(fallback, view) } : {}),
        ...span(node, view),
      };
    }
    case 'has_attr_expression':
      return {
        kind: 'has-attribute',
        base: yield* field(node, 'expression', view),
        path: yield* attributePath(node.childForFieldName('attrpath'), view),
        ...span(node, view),
      };
    case 'apply_expression':
      return {
        kind: 'apply',
        fn: yield* field(node, 'function', view),
        argument: yield* field(node, 'argument', view),
        ...span(node, view),
      };
    case 'attrset_expression':
      return {
        kind: 'attribute-set',
        recursive: false,
        bindings: yield* bindings(node, view),
        ...span(node, view),
      };
    case 'rec_attrset_expression':
    case 'let_attrset_expression':
      return {
        kind: 'attribute-set',
        recursive: true,
        bindings: yield* bindings(node, view),
        ...span(node, view),
      };
    case 'let_expression':
      return {
        kind: 'let',
        bindings: yield* bindings(node, view),
        body: yield* field(node, 'body', view),
        ...span(node, view),
      };
    case 'with_expression':
      return {
        kind: 'with',
        environment: yield* field(node, 'environment', view),
        body: yield* field(node, 'body', view),
        ...span(node, view),
      };
    case 'assert_expression':
      return {
        kind: 'assert',
        condition: yield* field(node, 'condition', view),
        body: yield* field(node, 'body', view),
        ...span(node, view),
      };
    case 'if_expression':
      return {
        kind: 'if',
        condition: yield* field(node, 'condition', view),
        consequence: yield* field(node, 'consequence', view),
        alternative: yield* field(node, 'alternative', view),
        ...span(node, view),
      };
    case 'function_expression':
      return yield* lambda(node, view);
    case 'list_expression':
      return { kind: 'list', elements: yield* elements(node, view), ...span(node, view) };
    case 'parenthesized_expression':
      return { kind: 'parenthesized', inner: yield* field(node, 'expression', view), ...span(node, view) };
    case 'string_expression':
    case 'indented_string_expression':
      return yield* string(node, view);
    case 'path_expression':
      return {
        kind: 'path',
        form: textOf(node, view).startsWith('/') ? 'absolute' : 'relative',
        interpolations: yield* interpolations(node, view),
        ...span(node, view),
      };
    case 'hpath_expression':
      return {
        kind: 'path',
        form: 'home',
        interpolations: yield* interpolations(node, view),
        ...span(node, view),
      };
    case 'spath_expression':
      return { kind: 'path', form: 'search', interpolations: [], ...span(node, view) };
    case 'unary_expression':
      return { kind: 'unary', operand: yield* field(node, 'argument', view), ...span(node, view) };
    case 'binary_expression':
      return {
        kind: 'binary',
        operator: fieldText(node, 'operator', view),
        left: yield* field(node, 'left', view),
        right: yield* field(node, 'right', view),
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

function* elements(node: Node, view: View): Steps<Expression[]> {
  const members =
    view.around === undefined
      ? node.childrenForFieldName('element')
      : touching(node, view.around).filter(({ type }) => type.endsWith('_expression'));
  return yield* forEach(members, (child) => build(child, view));
}

function* string(node: Node, view: View): Steps<Expression> {
  const parts = yield* interpolations(node, view);
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

function* interpolations(node: Node, view: View): Steps<Interpolation[]> {
  const parts = node.namedChildren.filter(({ type }) => type === 'interpolation');
  return yield* forEach(parts, (child) => interpolation(child, view));
}

function* interpolation(node: Node, view: View): Steps<Interpolation> {
  return { expression: yield* field(node, 'expression', view), ...span(node, view) };
}

function* lambda(node: Node, view: View): Steps<Expression> {
  const universal = node.childForFieldName('universal');
  const formals = node.childForFieldName('formals');
  return {
    kind: 'lambda',
    ...(universal ? { parameter: named(universal, view) } : {}),
    ...(formals
      ? {
          formals: (yield* forEach(formals.childrenForFieldName('formal'), (child) =>
            formal(child, view),
          )).flat(),
          formalsSpan: span(formals, view),
        }
      : {}),
    ellipsis: Boolean(formals?.childForFieldName('ellipses')),
    body: yield* field(node, 'body', view),
    ...span(node, view),
  };
}

function* formal(node: Node, view: View): Steps<Formal | []> {
  const name = node.childForFieldName('name');
  // A name that error recovery made up is no formal.
  if (!name || name.isMissing) return [];
  const fallback = node.childForFieldName('default');
  return {
    name: named(name, view),
    ...(fallback ? { fallback: yield* build(fallback, view) } : {}),
    ...span(node, view),
  };
}

function named(node: Node, view: View): Named {
  return { name: textOf(node, view), ...span(node, view) };
}

function* bindings(node: Node, view: View): Steps<Binding[]> {
  const set = node.namedChildren.find((child) => child.type === 'binding_set');
  if (!set) return [];
  if (view.patch?.set.id === set.id) return [...view.patch.bindings];
  const members =
    view.around === undefined ? set.childrenForFieldName('binding') : touching(set, view.around);
  return (yield* forEach(members, (child) => binding(child, view))).flat();
}

function* binding(node: Node, view: View): Steps<Binding | []> {
  switch (node.type) {
    case 'binding':
      return {
        kind: 'attribute',
        path: yield* attributePath(node.childForFieldName('attrpath'), view),
        value: yield* field(node, 'expression', view),
        ...span(node, view),
      };
    case 'inherit':
      return {
        kind: 'inherit',
        names: yield* attributePath(node.childForFieldName('attrs'), view),
        ...span(node, view),
      };
    case 'inherit_from':
      return {
        kind: 'inherit-from',
        from: yield* field(node, 'expression', view),
        names: yield* attributePath(node.childForFieldName('attrs'), view),
        ...span(node, view),
      };
    default:
      return [];
  }
}

function* attributePath(node: Node | null, view: View): Steps<AttributeName[]> {
  if (!node) return [];
  return yield* forEach(node.childrenForFieldName('attr'), (child) => attributeName(child, view));
}

function* attributeName(node: Node, view: View): Steps<AttributeName> {
  if (node.type === 'identifier') return { kind: 'static', ...named(node, view) };
  const expression =
    node.type === 'interpolation'
      ? yield* field(node, 'expression', view)
      : yield* build(node, { text: view.text, shift: view.shift, progress: view.progress });
  if (expression.kind === 'string' && expression.value !== undefined) {
    return { kind: 'static', name: expression.value, ...span(node, view) };
  }
  return { kind: 'dynamic', expression, ...span(node, view) };
}
