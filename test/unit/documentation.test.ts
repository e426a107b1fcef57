import { CommanderError } from 'commander';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { joinPairs } from '../../server/src/cli/optionValues.ts';
import { declareProgram } from '../../server/src/cli/subcommands.ts';
import { anchorsOf, blocksOf, codeOf, documentation, linksOf, readPage } from '../support/markdown.ts';

const repository = join(import.meta.dirname, '../..');

/** A file may be named without one of them. */
const endings = ['', '.ts', '.test.ts'];

/** What is wrong with a link of a page; undefined where nothing is, or where it leads to the web. */
function faultOf(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(repository, file))) return `${page}: ${link} leads to no file`;
  if (anchor === undefined || anchorsOf(readPage(file)).has(anchor)) return undefined;
  return `${page}: ${link} leads to no heading of ${file}`;
}

describe('the documentation', () => {
  for (const page of documentation) {
    test(`links and pictures of ${page} lead to what is there`, () => {
      const faults = linksOf(readPage(page)).flatMap((link) => faultOf(page, link) ?? []);
      assert.deepEqual(faults, []);
    });

    test(`files that ${page} names are there`, () => {
      const roots = /^(?:server|client|test|scripts|docs|syntaxes|example|media)\/[\w./-]+$/;
      const named = codeOf(readPage(page)).filter((code) => roots.test(code));
      assert.deepEqual(
        named.filter((path) => !endings.some((ending) => existsSync(join(repository, `${path}${ending}`)))),
        [],
      );
    });

    test(`the command understands every command line of ${page}`, () => {
      for (const { content } of blocksOf(readPage(page)))
        for (const line of commandLines(content)) assert.equal(refusalOf(line), undefined, line);
    });
  }

  test('every page of docs/ can be found from the README by one link or two', () => {
    const oneAway = linksOf(readPage('README.md')).map((link) => link.split('#')[0] ?? '');
    const twoAway = linksOf(readPage('docs/README.md')).map((link) => join('docs', link.split('#')[0] ?? ''));
    const found = new Set([...oneAway, ...twoAway]);
    for (const page of documentation.filter((name) => name.startsWith('docs/')))
      assert.ok(found.has(page), page);
  });

  test('the examples of --help are understood', () => {
    for (const file of ['checkCommand', 'fixCommand', 'whyCommand', 'verifyCommand']) {
      const lines = commandLines(readFileSync(join(repository, 'server/src/cli', `${file}.ts`), 'utf8'));
      assert.ok(lines.length >= 2, file);
      for (const line of lines) assert.equal(refusalOf(line), undefined, line);
    }
  });

  test('a wrong link, heading or flag is noticed', () => {
    assert.match(faultOf('README.md', 'docs/none.md') ?? '', /leads to no file/);
    assert.match(faultOf('README.md', 'docs/rules.md#none') ?? '', /leads to no heading/);
    assert.equal(faultOf('README.md', 'docs/rules.md#allow-a-finding'), undefined);
    assert.deepEqual(commandLines('$ node dist/cli.js check --nope # no such flag\n'), ['check --nope']);
    assert.match(refusalOf('check --nope') ?? '', /unknown option/);
  });
});

/** The arguments of each call of the command in a block of code; placeholders such as `…` are none. */
function commandLines(block: string): string[] {
  return [
    ...block.matchAll(/^(?:\$ |\s*- run: |\s{2})?(?:nix-platform-lens|node dist\/cli\.js) ([^#\n]*[^#\s])/gm),
  ].flatMap(([, words]) => (words === undefined || /[…[]/.test(words) ? [] : [words]));
}

/** Why the command refuses a command line; undefined where it understands it. */
function refusalOf(line: string): string | undefined {
  const words = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'));
  const program = declareProgram('', () => undefined);
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeErr: () => undefined });
  try {
    program.parse(joinPairs(words), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
  return undefined;
}
