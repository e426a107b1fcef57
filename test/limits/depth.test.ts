import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { Language, Parser } from 'web-tree-sitter';

import { decodeDerivation } from '../../server/src/derivation/decodeDerivation.ts';
import { inSlices } from '../../server/src/model/slices.ts';
import { parseTargetFile } from '../../server/src/targets/targetFile.ts';
import { findSyntaxProblems } from '../../server/src/snapshot/syntaxProblems.ts';
import { DocumentTree } from '../../server/src/syntax/documentTree.ts';
import { indexLines } from '../../server/src/syntax/lines.ts';
import type { NixParser } from '../../server/src/syntax/parser.ts';
import { literalPaths } from '../../server/src/syntax/pathLiterals.ts';
import { parseSourceFile, parseSourceInSlices } from '../../server/src/syntax/sourceFile.ts';
import { TextLimitError, textLimits } from '../../server/src/syntax/textLimits.ts';
import { join } from 'node:path';
import { testParser } from '../support/parser.ts';

let parser: NixParser;
before(async () => {
  parser = await testParser();
});

/** Texts that are nested as deep as one wants. */
const nested: Readonly<Record<string, (levels: number) => string>> = {
  lists: (n) => '['.repeat(n) + ']'.repeat(n),
  parentheses: (n) => `${'('.repeat(n)}1${')'.repeat(n)}`,
  'open lists': (n) => '['.repeat(n),
  'open sets': (n) => '{ a = '.repeat(n),
  calls: (n) => `${'f ('.repeat(n)}1${')'.repeat(n)}`,
  sets: (n) => `${'{ a = '.repeat(n)}1${'; }'.repeat(n)}`,
  functions: (n) => `${'x: '.repeat(n)}x`,
  conditions: (n) => `${'if a then b else '.repeat(n)}c`,
  lets: (n) => `${'let a = 1; in '.repeat(n)}a`,
  withs: (n) => `${'with a; '.repeat(n)}b`,
  assertions: (n) => `${'assert a; '.repeat(n)}b`,
  strings: (n) => `${'"${'.repeat(n)}a${'}"'.repeat(n)}`,
  concatenations: (n) => `a${' ++ a'.repeat(n)}`,
  sums: (n) => `1${'+1'.repeat(n)}`,
  updates: (n) => `a${' // a'.repeat(n)}`,
  negations: (n) => `${'!'.repeat(n)}a`,
  applications: (n) => `f${' a'.repeat(n)}`,
  defaults: (n) => `a${' or a'.repeat(n)}`,
  'an unended string': (n) => `"${'{ a = b; } x y z\n'.repeat(n)}`,
};

for (const [what, text] of Object.entries(nested)) {
  describe(`${what} within one another`, () => {
    test('are refused as a whole where they are too deep, and break nothing', async () => {
      for (const levels of [2_000, 8_000, 20_000]) {
        const source = parseSourceFile('/x.nix', text(levels), parser);
        assert.equal(source.wellFormed, false);
        assert.equal(source.root.kind, source.limit ? 'malformed' : source.root.kind);
        const inSlices = await parseSourceInSlices('/x.nix', text(levels), parser);
        assert.deepEqual(inSlices.limit, source.limit);
        assert.deepEqual(literalPaths(source), []);
      }
    });

    test('can be pointed into, and looked through', () => {
      const long = text(5_000);
      using tree = new DocumentTree(parser, { text: long, lines: indexLines(long) });
      for (const offset of [0, long.length >> 1, long.length]) tree.around('/x.nix', offset);
      assert.ok(findSyntaxProblems(tree.root).length <= 20);
    });
  });
}

describe('what is long and not deep', () => {
  for (const [what, text] of Object.entries({
    'a selection': `a${'.a'.repeat(100_000)}`,
    'an attribute path': `{ a${'.a'.repeat(100_000)} = 1; }`,
    'a test for an attribute': `a ? a${'.a'.repeat(100_000)}`,
    'a path': `./a${'/${a}'.repeat(100_000)}`,
    'a string': `"${'${a}'.repeat(100_000)}"`,
  })) {
    test(`${what} is understood`, () => {
      const source = parseSourceFile('/x.nix', text, parser);
      assert.deepEqual([source.limit, source.wellFormed], [undefined, true]);
    });
  }
});

test('what lies just below the limit is understood', () => {
  const source = parseSourceFile('/x.nix', nested['lists']?.(textLimits.depth) ?? '', parser);
  assert.equal(source.limit, undefined);
  assert.equal(source.wellFormed, true);
  const deeper = parseSourceFile('/x.nix', nested['lists']?.(textLimits.depth + 1) ?? '', parser);
  assert.match(deeper.limit?.message ?? '', /nested more than 400 levels deep/);
});

describe('a text that is too large', () => {
  const long = `"${'x'.repeat(textLimits.length)}"`;
  const much = `[${' 1'.repeat(1_200_000)}]`;

  test('is refused by its length, before anything is parsed', async () => {
    assert.throws(() => parser.parse(long), { name: 'TextLimitError', message: /8 million characters/ });
    await assert.rejects(inSlices(parser.parseInSteps(long)), TextLimitError);
    assert.match(parseSourceFile('/x.nix', long, parser).limit?.message ?? '', /characters/);
  });

  test('is refused by what is in it, and the next text is parsed as ever', async (context) => {
    const begun = parser.parseInSteps(much);
    begun.next();
    assert.throws(() => parser.parse(much), { name: 'TextLimitError', message: /a million values/ });
    const { mock } = context.mock.method(Parser.prototype, 'parse');
    await assert.rejects(inSlices(begun), TextLimitError);
    await assert.rejects(inSlices(parser.parseInSteps(much)), TextLimitError);
    assert.throws(() => parser.parse(much), TextLimitError);
    assert.equal(mock.callCount(), 0, 'what was refused once is not parsed any more');
    mock.restore();
    await assert.rejects(inSlices(parser.parseInSteps(`${much} `)), TextLimitError);
    assert.equal(parser.parse('{ a = 1; }').rootNode.hasError, false);
  });
});

test('what is parsed in slices is what is parsed at once, and others have their turn', async () => {
  const text = `{ ${Array.from({ length: 20_000 }, (_, n) => `a${n} = [ b c ];`).join('\n')} }`;
  const slices = inSlices(parser.parseInSteps(text));
  let turns = 0;
  const ended = new AbortController();
  void slices.then(() => ended.abort());
  while (!ended.signal.aborted) {
    turns += 1;
    assert.equal(parser.parse(`[ ${turns} ]`).rootNode.hasError, false);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(turns > 2);
  assert.equal((await slices).rootNode.toString(), parser.parse(text).rootNode.toString());
});

test('others have their turn while the tree of a parsed file is built, and its names are looked up', async () => {
  const parsed: unknown[] = [];
  const observed: NixParser = {
    ...parser,
    *parseInSteps(...given) {
      const tree = yield* parser.parseInSteps(...given);
      parsed.push(tree);
      return tree;
    },
  };
  const text = `{ ${Array.from({ length: 20_000 }, (_, n) => `a${n} = [ b c ];`).join('\n')} }`;
  const slices = parseSourceInSlices('/x.nix', text, observed);
  let turns = 0;
  const ended = new AbortController();
  void slices.then(() => ended.abort());
  while (!ended.signal.aborted) {
    if (parsed.length > 0) turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // The last one is that in which it ends.
  assert.ok(turns > 2);
  assert.deepEqual((await slices).root, parseSourceFile('/x.nix', text, parser).root);
});

test('a parse in slices that nobody waits for any more ends', async () => {
  const end = new AbortController();
  const slices = inSlices(parser.parseInSteps(`[${' 1'.repeat(500_000)}]`), end.signal);
  end.abort(new Error('nobody waits'));
  await assert.rejects(slices, /nobody waits/);
});

/** How often the parser asks for a stretch of a text: many times where it reads to the end at each token. */
async function reads(text: string): Promise<number> {
  await testParser();
  const grammar = join(import.meta.dirname, '../../syntaxes/tree-sitter-nix.wasm');
  const counting = new Parser().setLanguage(await Language.load(grammar));
  let count = 0;
  counting.parse((index) => {
    count += 1;
    return text.slice(index, index + 1000);
  });
  return count;
}

for (const [what, text] of Object.entries({
  sums: `1${'+1'.repeat(5_000)}`,
  'sums of names': `a${'+a'.repeat(5_000)}`,
  selections: `a${'.b'.repeat(5_000)}`,
  slashes: 'a /'.repeat(5_000),
  'comments without an end': '/* '.repeat(5_000),
})) {
  test(`${what} are not read to their end at each token`, async () => {
    assert.ok((await reads(text)) < text.length);
  });
}

describe('JSON that is nested too deep', () => {
  const path = (name: string): string => `/nix/store/${'a'.repeat(32)}-${name}.drv`;
  const drv = (more: object): object => ({
    [path('x')]: { outputs: { out: {} }, system: 's', builder: '/b', env: {}, inputDrvs: {}, ...more },
  });
  const outputs = (levels: number): unknown =>
    JSON.parse(`${'{"outputs":["out"],"dynamicOutputs":{"a":'.repeat(levels)}["out"]${'}}'.repeat(levels)}`);

  test('outputs of outputs', () => {
    const refused = { name: 'MalformedDerivationError', message: /at most 128 levels/ };
    for (const levels of [5_000, 20_000])
      assert.throws(
        () => decodeDerivation(drv({ inputDrvs: { [path('y')]: outputs(levels) } }), path('x')),
        refused,
      );
    const { inputs } = decodeDerivation(drv({ inputDrvs: { [path('y')]: outputs(50) } }), path('x'));
    assert.equal(inputs[0]?.outputs.length, 51);
  });

  test('what is shown of something that was not expected', () => {
    const deep: unknown = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));
    assert.throws(() => decodeDerivation(drv({ structuredAttrs: deep }), path('x')), {
      name: 'MalformedDerivationError',
      message: /found something that is nested too deep to be shown/,
    });
  });

  test('a target file says where', () => {
    for (const text of ['['.repeat(20_000), `{ "targets": ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_001)}`]) {
      const { problems } = parseTargetFile('/x.json', text);
      assert.match(problems[0]?.message ?? '', /nested more than 100 levels deep/);
      assert.ok((problems[0]?.source.range.start.character ?? 0) >= 100);
    }
  });
});
