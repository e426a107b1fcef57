import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { applyEdits } from '../../server/src/fixes/applyEdits.ts';
import { ruleIds } from '../../server/src/model/judgement.ts';
import { isInCode, linesOf } from '../../server/src/syntax/commentPlace.ts';
import { indexLines } from '../../server/src/syntax/lines.ts';
import {
  mayHaveSuppressions,
  readSuppressions,
  suppressionText,
  type ReadSuppressions,
} from '../../server/src/syntax/suppressionComments.ts';
import { testParser } from '../support/parser.ts';

const parser = await testParser();
const file = '/w/a.nix';

function read(text: string): ReadSuppressions {
  const tree = parser.parse(text);
  try {
    return readSuppressions({ file, text, root: tree.rootNode, lines: indexLines(text) });
  } finally {
    tree.delete();
  }
}

/** The text of the line that each suppression speaks of. */
function linesOfAll(text: string): (string | undefined)[] {
  const lines = text.split(/\r\n?|\n/);
  return read(text).suppressions.map(({ line }) => (line === undefined ? undefined : lines[line]?.trim()));
}

const allow = 'nix-platform-lens: allow build-script: it is a shell script';

describe('what a suppression speaks of', () => {
  for (const [name, text, expected] of [
    ['behind code: its own line', `[\n  a # ${allow}\n  b\n]`, [`a # ${allow}`]],
    ['alone: the next line', `[\n  # ${allow}\n  a\n  b\n]`, ['a']],
    ['blank lines and comments lie between', `[\n  # ${allow}\n\n  # why?\n  /* and\n so */\n  a\n]`, ['a']],
    ['several in a row speak of the same', `[\n  # ${allow}\n  # ${allow}\n  a\n]`, ['a', 'a']],
    ['before code on its line', `[\n  /* ${allow} */ a\n  b\n]`, [`/* ${allow} */ a`]],
    ['behind a comment only, it is alone', `[\n  /* x */ # ${allow}\n  a\n]`, ['a']],
    ['behind the end of a long comment', `[\n  /* x\n  */ # ${allow}\n  a\n]`, ['a']],
    ['over several lines', `[\n  /* ${allow},\n     as it\n     was */\n  a\n]`, ['a']],
    ['over several lines behind code', `[\n  a /* ${allow}\n    so */\n  b\n]`, [`a /* ${allow}`]],
    ['at the end of the text', `[ a ]\n# ${allow}`, [undefined]],
    ['in an interpolation', `"x \${/* ${allow} */ a}"`, [`"x \${/* ${allow} */ a}"`]],
    ['lines may end in CR and LF', `[\r\n  # ${allow}\r\n  a\r\n]\r\n`, ['a']],
    ['in front of everything', `# ${allow}\n{ }: a`, ['{ }: a']],
    ['written tightly', `[\n  #${allow.replaceAll(': ', ':')}\n  a\n]`, ['a']],
    ['behind several signs', `[\n  ### ${allow} ###\n  /** ${allow} **/\n  a\n]`, ['a', 'a']],
  ] as const) {
    test(name, () => {
      assert.deepEqual(linesOfAll(text), expected);
      assert.deepEqual(read(text).problems, []);
    });
  }

  test('its rules and its reason are read', () => {
    const [one] = read(
      `[\n  /* nix-platform-lens: allow build-script ,host-platform: a:\n     b, c */\n  a ]`,
    ).suppressions;
    assert.deepEqual(one?.rules, ['host-platform', 'build-script']);
    assert.equal(one.reason, 'a: b, c');
  });

  test('what is written is read again', () => {
    const text = `# ${suppressionText(ruleIds, 'why')}\na`;
    assert.deepEqual(read(text).suppressions[0]?.rules, ruleIds);
  });
});

describe('no suppression is', () => {
  for (const [name, text] of [
    ['a string', `"# ${allow}"`],
    ['an indented string', `''\n  # ${allow}\n  a\n''`],
    ['a string in an interpolation of a string', `''\n  \${"# ${allow}"}\n''`],
    ['a comment that only mentions it', `# see nix-platform-lens: allow\na`],
    ['a comment that speaks of the program', `# nix-platform-lens finds nothing here\na`],
    ['another word', `# nix-platform-lenses: allow a: b\na`],
    ['a name', `{ nix-platform-lens = { allow = 1; }; }`],
    ['a path', `./nix-platform-lens:allow`],
    ['a comment that does not end', `a /* ${allow}`],
  ] as const) {
    test(name, () => assert.deepEqual(read(text), { suppressions: [], problems: [] }));
  }

  test('a text without the word need not be parsed', () => {
    assert.equal(mayHaveSuppressions('# nix: allow build-script: so'), false);
    assert.equal(mayHaveSuppressions(`# ${allow}`), true);
  });
});

describe('what is not heeded is told', () => {
  for (const [name, comment, says, mended] of [
    [
      'no reason',
      '# nix-platform-lens: allow build-script',
      /no reason/,
      '# nix-platform-lens: allow build-script: why',
    ],
    [
      'an empty reason',
      '# nix-platform-lens: allow build-script: ',
      /no reason/,
      '# nix-platform-lens: allow build-script: why ',
    ],
    [
      'no reason in a block',
      '/* nix-platform-lens: allow build-script */',
      /no reason/,
      '/* nix-platform-lens: allow build-script: why */',
    ],
    [
      'an unknown rule',
      '# nix-platform-lens: allow build-scrip: so',
      /`build-scrip` is no rule.*build-script/,
      '',
    ],
    ['unknown rules', '# nix-platform-lens: allow a, build-script, b: so', /`a` and `b` are no rules/, ''],
    ['no rule', '# nix-platform-lens: allow: so', /cannot be read/, ''],
    ['nothing', '# nix-platform-lens:', /cannot be read/, ''],
    ['another verb', '# nix-platform-lens: ignore build-script: so', /cannot be read/, ''],
    ['no comma', '# nix-platform-lens: allow build-script host-platform: so', /cannot be read/, ''],
    ['no colon', '# nix-platform-lens allow build-script: so', /cannot be read/, ''],
    ['a reason without a colon', '# nix-platform-lens: allow build-script because', /cannot be read/, ''],
  ] as const) {
    test(name, () => {
      const text = `[\n  ${comment}\n  a\n]`;
      const { suppressions, problems } = read(text);
      assert.deepEqual(suppressions, []);
      const [problem, ...others] = problems;
      assert.deepEqual(others, []);
      assert.ok(problem);
      assert.match(problem.message, says);
      const [edit] = problem.edits;
      assert.ok(edit);
      const after = applyEdits([edit], new Map([[file, text]])).get(file);
      assert.equal(after, mended === '' ? '[\n  a\n]' : `[\n  ${mended}\n  a\n]`);
    });
  }

  test('of a very long one at once', () => {
    const blanks = ' '.repeat(200_000);
    const text = `# nix-platform-lens: allow build-script${blanks}x\n/* nix-platform-lens: allow a${',b'.repeat(50_000)}${blanks}*/ a`;
    assert.equal(read(text).problems.length, 2);
  });
});

describe('a suppression is removed', () => {
  for (const [name, text, after] of [
    ['with its line', `[\n  # ${allow}\n  a\n]`, '[\n  a\n]'],
    ['with its lines', `[\r\n  /* ${allow}\r\n   x */\r\n  a\r\n]`, '[\r\n  a\r\n]'],
    ['with the blanks before it', `[\n  a   # ${allow}\n]`, '[\n  a\n]'],
    ['with the blanks behind it', `[\n  /* ${allow} */  a\n]`, '[\n  a\n]'],
    ['between code', `[ a /* ${allow} */ b ]`, '[ a b ]'],
    ['at the start', `# ${allow}\na`, 'a'],
    ['at the end', `a\n  # ${allow}`, 'a\n'],
  ] as const) {
    test(name, () => {
      const [one] = read(text).suppressions;
      assert.ok(one);
      assert.equal(applyEdits([{ ...one.removal, newText: '' }], new Map([[file, text]])).get(file), after);
    });
  }
});

describe('where one may speak of an expression', () => {
  for (const [name, text, expected] of [
    ['its own line', '{ a = [\n  X\n]; }', [1]],
    ['the line of its binding', '{\n  a =\n    X;\n}', [2, 1]],
    ['and in parentheses', '{\n  a =\n    (\n      X\n    );\n}', [3, 1]],
    ['and where it begins the value', '{\n  a =\n    X b ++ c;\n}', [2, 1]],
    ['not where it is further inside', '{\n  a =\n    f X;\n}', [2]],
    ['not the line of a list', '{\n  a = [\n    X\n  ];\n}', [2]],
    ['not the line of a string', "{\n  a = ''\n    ${X}\n  '';\n}", [2]],
    ['the name of an `inherit`', '{\n  inherit (a)\n    X\n  ;\n}', [2]],
  ] as const) {
    test(name, () => {
      const tree = parser.parse(text);
      try {
        const at = text.indexOf('X');
        const lines = new Set(linesOf(at, at + 1, { root: tree.rootNode, lines: indexLines(text) }));
        assert.deepEqual([...lines], expected);
      } finally {
        tree.delete();
      }
    });
  }

  for (const [name, text, expected] of [
    ['code', '[\n  X\n]', true],
    ['a string', "''\n  ${X}\n''", false],
    ['a string that is not indented', '"a\n ${X}"', false],
    ['an interpolation', "''\n  ${\n    X\n  }\n''", true],
    ['a comment', '[ /* a\n  b */ X ]', false],
    ['a string that begins here', '[\n"a ${X}"\n]', true],
  ] as const) {
    test(`a line before ${name} is ${expected ? '' : 'not '}in code`, () => {
      const tree = parser.parse(text);
      try {
        const lineStart = text.lastIndexOf('\n', text.indexOf('X')) + 1;
        assert.equal(isInCode(lineStart, tree.rootNode), expected);
      } finally {
        tree.delete();
      }
    });
  }
});
