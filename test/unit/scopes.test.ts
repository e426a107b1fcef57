import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childrenOf, type Expression, type Variable } from '../../server/src/syntax/ast.ts';
import { resolveVariable } from '../../server/src/syntax/scopes.ts';
import { parseSourceFile, textOf, type SourceFile } from '../../server/src/syntax/sourceFile.ts';
import { testParser } from '../support/parser.ts';

/** Resolves the variable that follows the marker `$0`. */
async function check(marked: string, expected: string): Promise<void> {
  const at = marked.indexOf('$0');
  const source = parseSourceFile('/w/x.nix', marked.replace('$0', ''), await testParser());
  assert.ok(source.wellFormed, marked);
  const variable = findVariable(source.root, at);
  assert.ok(variable, `no variable at the marker of: ${marked}`);
  assert.equal(describe(source, variable), expected, marked);
}

function findVariable(expression: Expression, at: number): Variable | undefined {
  if (expression.kind === 'variable' && expression.start === at) return expression;
  for (const child of childrenOf(expression)) {
    const found = findVariable(child, at);
    if (found) return found;
  }
  return undefined;
}

function describe(source: SourceFile, variable: Variable): string {
  const resolution = resolveVariable(variable, source.scopes);
  switch (resolution.kind) {
    case 'lexical': {
      const { definition, shadowed } = resolution;
      const what =
        definition.kind === 'binding' || definition.kind === 'inherit' || definition.kind === 'inherit-from'
          ? textOf(source, definition.binding)
          : definition.kind;
      const lost = shadowed.map((candidate) => textOf(source, candidate.environment));
      return lost.length > 0 ? `${what} shadows ${lost.join(', ')}` : what;
    }
    case 'with':
      return `with ${resolution.candidates.map((candidate) => textOf(source, candidate.environment)).join(', ')}`;
    default:
      return resolution.kind;
  }
}

test('a let binding is found', () => check('let a = 1; in $0a', 'a = 1;'));
test('an inner let wins over an outer one', () => check('let a = 1; in let a = 2; in $0a', 'a = 2;'));
test('a let sees its own bindings', () => check('let a = $0b; b = 1; in a', 'b = 1;'));
test('a plain set does not bind names for its values', () => check('{ a = 1; b = $0a; }', 'undefined'));
test('a recursive set does', () => check('rec { a = 1; b = $0a; }', 'a = 1;'));
test('the old let set does', () => check('let { a = 1; body = $0a; }', 'a = 1;'));
test('a with gives a free name', () => check('with p; $0a', 'with p'));
test('several withs are candidates, the innermost first', () => check('with p; with q; $0a', 'with q, p'));
test('a lexical binding wins over a nearer with', () =>
  check('let a = 1; in with p; $0a', 'a = 1; shadows p'));
test('a with outside the binding loses nothing', () => check('with p; let a = 1; in $0a', 'a = 1;'));
test('a formal wins over a with', () => check('{ a }: with p; $0a', 'formal shadows p'));
test('a formal with a default', () => check('{ a ? 1 }: $0a', 'formal'));
test('a default sees the other formals', () => check('{ a, b ? $0a }: b', 'formal'));
test('the name of all arguments', () => check('args@{ a, ... }: $0args', 'parameter'));
test('a simple parameter', () => check('a: $0a', 'parameter'));
test('the environment of a with is outside of it', () => check('with p; with $0q; a', 'with p'));
test('a builtin wins over a with', () => check('with p; $0import ./x.nix', 'builtin'));
test('a binding wins over a builtin', () => check('let import = 1; in $0import', 'import = 1;'));
test('inherit in a let looks outside', () => check('let a = 1; in let inherit a; in $0a', 'inherit a;'));
test('inherit from', () => check('let inherit (p) a; in $0a', 'inherit (p) a;'));
test('the source of an inherit sees the set', () => check('let p = 1; inherit ($0p) a; in a', 'p = 1;'));
test('names inside interpolations', () => check('let a = 1; in "x${$0a}"', 'a = 1;'));
test('names in computed attribute names', () => check('let a = 1; in { ${$0a} = 2; }', 'a = 1;'));
test('trailing commas in formals do not invent names', () => check('{ a, b, }: $0b', 'formal'));
