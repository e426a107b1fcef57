import fc from 'fast-check';

import { nesting } from './texts.ts';

const names = ['a', 'b', 'pkgs', 'lib', "x'", 'or', 'a-b', '_1'];
const name = fc.constantFrom(...names);
/** What may stand between two tokens. */
const gap = fc.constantFrom(' ', ' ', ' ', '\n', '\r\n', '\t', ' # note\n', ' /* note */ ');

/** Joins tokens with blanks and comments between them. */
function spaced(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.tuple(...parts), fc.array(gap, { minLength: parts.length, maxLength: parts.length }))
    .map(([tokens, gaps]) => tokens.map((token, index) => token + (gaps[index] ?? ' ')).join(''));
}
const word = (text: string): fc.Arbitrary<string> => fc.constant(text);
const many = (part: fc.Arbitrary<string>, maxLength = 3): fc.Arbitrary<string> =>
  fc.array(part, { maxLength }).map((parts) => parts.join(' '));

/** Texts of the Nix language in most of its forms; all names are bound by the function around them. */
export const nixText: fc.Arbitrary<string> = fc
  .letrec<Record<'expression' | 'simple' | 'string' | 'binding' | 'attribute', string>>((tie) => {
    const interpolation = tie('expression').map((inner) => `\${${inner}}`);
    const content = fc.constantFrom('x', ' ', '\n', '$', "'", '\\n', '\\"', '$$', '#', '/*', 'ü', '😀');
    const indented = fc.constantFrom('x', ' ', '\n', '"', "''$", "'''", "''\\n", '$$', '#', '//', 'ü');
    return {
      attribute: fc.oneof(
        { depthSize: 'small', maxDepth: nesting },
        name.filter((text) => text !== 'or'),
        word('"q r"'),
        interpolation,
      ),
      string: fc.oneof(
        { depthSize: 'small', maxDepth: nesting },
        fc.array(content, { maxLength: 4 }).map((parts) => `"${parts.join('')}"`),
        fc
          .array(fc.oneof(indented, interpolation), { maxLength: 4 })
          .map((parts) => `''${parts.join(' ')} ''`),
        fc.tuple(content, interpolation).map((parts) => `"${parts.join('')}"`),
      ),
      simple: fc.oneof(
        { depthSize: 'small', maxDepth: nesting },
        fc.constantFrom(
          'a',
          'pkgs',
          '1',
          '1.5',
          'true',
          './x',
          './x/y.nix',
          '../z',
          '<nixpkgs>',
          '~/x',
          '/a/b',
          '"s"',
          '{ }',
          '[ ]',
          'rec { }',
        ),
        tie('string'),
        spaced(word('('), tie('expression'), word(')')),
        spaced(word('['), many(tie('simple')), word(']')),
        fc.tuple(fc.constantFrom('', 'rec '), many(tie('binding'))).map(([rec, all]) => `${rec}{ ${all} }`),
        fc
          .tuple(
            name.filter((text) => text !== 'or'),
            tie('attribute'),
          )
          .map((parts) => parts.join('.')),
        fc.tuple(tie('attribute'), tie('simple')).map(([path, other]) => `(pkgs.${path} or ${other})`),
      ),
      binding: fc.oneof(
        { depthSize: 'small', maxDepth: nesting },
        spaced(
          name.filter((text) => text !== 'or'),
          word('='),
          tie('expression'),
          word(';'),
        ),
        spaced(word('c.d'), word('='), tie('expression'), word(';')),
        fc.constantFrom('inherit a;', 'inherit pkgs lib;', 'inherit (pkgs) b;', 'inherit;'),
      ),
      expression: fc.oneof(
        { depthSize: 'small', maxDepth: nesting },
        tie('simple'),
        spaced(
          tie('simple'),
          fc.constantFrom('+', '-', '*', '/', '//', '++', '&&', '||', '->', '==', '!=', '<', '>='),
          tie('simple'),
        ),
        spaced(fc.constantFrom('!', '-'), tie('simple')),
        spaced(tie('simple'), tie('simple')),
        spaced(tie('simple'), word('?'), tie('attribute')),
        spaced(
          word('if'),
          tie('expression'),
          word('then'),
          tie('expression'),
          word('else'),
          tie('expression'),
        ),
        spaced(word('with'), tie('simple'), word(';'), tie('expression')),
        spaced(word('assert'), tie('simple'), word(';'), tie('expression')),
        spaced(word('let'), many(tie('binding')), word('in'), tie('expression')),
        spaced(
          fc.constantFrom('v:', '{ v }:', '{ v ? 1, ... }:', 'all@{ v, ... }:', '{ v, }:', '{ ... }@all:'),
          tie('expression'),
        ),
      ),
    };
  })
  .expression.map((text) => `{ pkgs, lib, a, b, x', a-b, _1 }: ${text}`);

/** Tokens and pieces of tokens: what makes a text another one, or none. */
export const nixPieces = [
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '"',
  "''",
  '${',
  '$',
  ';',
  '=',
  '.',
  ':',
  ',',
  '...',
  '@',
  '?',
  '#',
  '/*',
  '*/',
  '\\',
  "'",
  'let ',
  ' in ',
  'rec ',
  'with ',
  'inherit ',
  ' or ',
  'if ',
  ' then ',
  ' else ',
  'assert ',
  '|>',
  '<|',
  '//',
  '++',
  '->',
  '<x>',
  '~/',
  './',
  '1',
  '1.',
  '.5',
  'https://x.y/z',
  '\n',
  ' ',
  'a',
  'ü',
];
