import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';
import { join } from 'node:path';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';
import type { IGrammar } from 'vscode-textmate';

const repository = join(import.meta.dirname, '..', '..');
const require = createRequire(import.meta.url);

let grammar: IGrammar;

before(async () => {
  await oniguruma.loadWASM(readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')));
  const path = join(repository, 'syntaxes', 'nix.tmLanguage.json');
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: () => Promise.resolve(textmate.parseRawGrammar(readFileSync(path, 'utf8'), path)),
  });
  const loaded = await registry.loadGrammar('source.nix');
  assert.ok(loaded !== null);
  grammar = loaded;
});

/** Every token that is not blank, with its innermost scope, e.g. `let keyword.control.let`. */
function tokens(text: string): string[] {
  let stack = textmate.INITIAL;
  return text.split('\n').flatMap((line) => {
    const result = grammar.tokenizeLine(line, stack);
    stack = result.ruleStack;
    return result.tokens
      .map(({ startIndex, endIndex, scopes }) => ({
        text: line.slice(startIndex, endIndex).trim(),
        scope: (scopes.at(-1) ?? '').replace(/\.nix$/, ''),
      }))
      .filter((token) => token.text !== '')
      .map((token) => `${token.text} ${token.scope}`);
  });
}

/** The tokens of `text` whose scope starts with `prefix`. */
function tokensOf(prefix: string, text: string): string[] {
  return tokens(text)
    .filter((token) => token.slice(token.lastIndexOf(' ') + 1).startsWith(prefix))
    .map((token) => token.slice(0, token.lastIndexOf(' ')));
}

test('a set and the formals of a function are told apart', () => {
  assert.deepEqual(
    tokensOf('variable.parameter', '{ lib, stdenv ? null\n, pkgs\n, ... }@args: self: x@{ y, }: z'),
    ['lib', 'stdenv', 'pkgs', 'args', 'self', 'x', 'y'],
  );
  assert.deepEqual(
    tokensOf('support.variable.attribute-name', '{ a.b = 1; inherit (x) c; in-d = { e = f; }; }'),
    ['a', 'b', 'c', 'in-d', 'e'],
  );
});

test('two dollar signs and escapes do not start an interpolation', () => {
  assert.deepEqual(tokensOf('variable.other', '"$${no} \\${no} ${yes}"'), ['yes']);
  assert.deepEqual(tokensOf('variable.other', "'' $${no} ''${no} '''${yes} ''"), ['yes']);
});

test('a string inside an interpolation ends inside it', () => {
  assert.deepEqual(tokensOf('variable.other', '"a ${b."c".${d} or "e"} f" g'), ['b', 'd', 'g']);
});

test('paths, search paths and URIs', () => {
  const text = '[ ./a/${b}/c ~/d ../. <nixpkgs/nixos> https://example.org/?q=1 x:x ]';
  assert.deepEqual(tokensOf('string.unquoted.uri', text), ['https://example.org/?q=1', 'x:x']);
  assert.deepEqual(tokensOf('string.unquoted.search-path', text), ['nixpkgs/nixos']);
  assert.equal(tokensOf('string.unquoted.path', text).join(''), './a//c~/d../.');
  assert.deepEqual(tokensOf('keyword.operator', 'a / b // c'), ['/', '//']);
});

test('keywords end where identifiers go on', () => {
  assert.deepEqual(tokensOf('keyword', "let in-let = let'; in if-x"), ['let', '=', 'in']);
});

test('a binding ends at the semicolon of its own, not at that of a `with`', () => {
  assert.deepEqual(tokensOf('support.variable.attribute-name', '{ a = with b; assert c; d; e = f; }'), [
    'a',
    'e',
  ]);
});

test('a binding without a semicolon does not swallow the rest of the file', () => {
  assert.deepEqual(tokensOf('keyword.control', 'let a = [ b ]\nin with c; d'), ['let', 'in', 'with']);
});

test('every file of the example is understood to its end', () => {
  for (const file of [
    'release.nix',
    'server.nix',
    'nixpkgs/default.nix',
    'nixpkgs/pkgs/stdenv/default.nix',
    'nixpkgs/lib/default.nix',
  ]) {
    const text = readFileSync(join(repository, 'example', file), 'utf8');
    assert.deepEqual(tokensOf('invalid', text), [], file);
    assert.deepEqual(tokens(`${text}\nafter`).at(-1), 'after variable.other', file);
  }
});
