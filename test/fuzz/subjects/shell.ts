import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';

import { walkScript } from '../../../server/src/shell/walkScript.ts';
import { findRunUses } from '../../../server/src/shell/buildUses.ts';
import { WantedPaths } from '../../../server/src/shell/wantedPaths.ts';
import { testShellParser } from '../../support/parser.ts';
import { subject } from '../support/subject.ts';
import { changed, changeForm, changes } from '../support/texts.ts';

const parser = await testShellParser();
const foo = '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-foo-1.0';
const wanted = new WantedPaths('/nix/store', (path) => path === foo);

const word = fc.record({
  // The grammar loses a blank that is escaped at the start of a word.
  text: fc.stringMatching(/^[a-zA-Z0-9/.,:=@%+-][a-zA-Z0-9 /.,:=@%+-]{0,7}$/),
  quote: fc.constantFrom<string>("'", '"', '\\'),
});
const command = fc.record({
  program: fc.constantFrom<string>('make', `${foo}/bin/x`, './configure', 'cp'),
  words: fc.array(word, { maxLength: 3 }),
  /** What stands before the command and behind it. */
  around: fc.constantFrom<string[]>(
    ['', ''],
    ['if true; then ', '; fi'],
    ['( ', ' )'],
    ['! ', ''],
    ['{ ', '; }'],
    ['A=1 ', ''],
  ),
});
const pieces = [
  '"',
  "'",
  '`',
  '$(',
  ')',
  '${',
  '}',
  '<<EOF\n',
  '\nEOF\n',
  ';',
  '|',
  '&&',
  '>',
  '\\',
  '\n',
  'if ',
  ' then ',
  ' fi',
  'for ',
  ' in ',
  ' do ',
  ' done',
  'case ',
  ' esac',
  '((',
  '[[',
  'x=',
  '+=',
  foo,
  '$x',
  '{a,b}',
  '#',
];

const form = z.object({
  commands: z.array(
    z.object({
      program: z.string(),
      words: z.array(z.object({ text: z.string(), quote: z.string() })),
      around: z.array(z.string()),
    }),
  ),
  changes: z.array(changeForm),
});

/** Commands are seen with their words whatever the quotes; a damaged script gives lines that it has, and ends. */
export const shell = subject({
  name: 'shell',
  share: 50,
  cases: fc.record({
    commands: fc.array(command, { minLength: 1, maxLength: 4 }),
    changes: changes(pieces, 6),
  }),
  form,
  check({ commands, changes: given }) {
    const text = commands
      .map(
        ({ program, words, around: [before = '', behind = ''] }) =>
          `${before}${[program, ...words.map(quoted)].join(' ')}${behind}\n`,
      )
      .join('');
    assert.deepEqual(
      commandsIn(text).filter(([program]) => program !== 'true'),
      commands.map(({ program, words }) => [program, ...words.map((one) => one.text)]),
    );
    const uses = findRunUses([{ variable: 'buildPhase', text }], new Map(), wanted, parser);
    assert.equal(
      uses.filter(({ kind }) => kind === 'run').length,
      commands.filter(({ program }) => program.startsWith(foo)).length,
    );
    const damaged = changed(text, given);
    commandsIn(damaged);
    for (const { line } of findRunUses(
      [{ variable: 'buildPhase', text: damaged }],
      new Map(),
      wanted,
      parser,
    ))
      assert.ok(line >= 1 && line <= damaged.split('\n').length);
  },
});

function quoted({ text, quote }: { text: string; quote: string }): string {
  return quote === '\\' ? text.replace(/[^a-zA-Z0-9/.,:@%+-]/g, '\\$&') : `${quote}${text}${quote}`;
}

function commandsIn(text: string): string[][] {
  const seen: string[][] = [];
  const lines = text.split('\n').length;
  walkScript(text, parser, new Map(), {
    command: ({ words }) => {
      assert.ok(words.length > 0);
      for (const { line, values } of words) {
        assert.ok(line >= 1 && line <= lines, `line ${line} of ${lines}`);
        assert.ok(values.length > 0);
      }
      seen.push(words.map(({ values }) => values[0] ?? ''));
    },
    assignment: ({ name, line, values }) => {
      assert.ok(name !== '' && line >= 1 && line <= lines && values.length > 0);
    },
  });
  return seen;
}
