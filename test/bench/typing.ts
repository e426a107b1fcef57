import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Editor, uriOf } from '../server/support/editor.ts';
import { median, milliseconds, percentile, printRow } from '../support/benchmark.ts';
import { largeFile } from '../support/largeFile.ts';
import { testParser } from '../support/parser.ts';

/*
 * Typing in the middle of a file of 20,000 bindings, in a real client of the
 * built server: from a key to the hints of what is on the screen, and from a
 * key to the hover, which needs the syntax. Next to a parse of the whole file.
 */
const bindings = 20_000;
const screenful = 50;
/** A binding is typed letter by letter and taken back: most states in between are no Nix. */
const typed = '    hello = make "hello" [ pkgs.he ];';
const rounds = 4;

const root = await mkdtemp(join(tmpdir(), 'npl-bench-'));
try {
  const { text, middle } = largeFile(bindings);
  const file = join(root, 'default.nix');
  await writeFile(file, text);
  const size = `${Math.round(text.length / 1000)} KB`;

  await using editor = await Editor.start({
    root,
    settings: { targets: [{ file, attribute: 'app' }] },
  });
  await editor.open(file);
  const first = await editor.evaluated();
  if (first.state !== 'done') throw new Error(first.message);

  const textDocument = { uri: uriOf(file) };
  const screen = {
    start: { line: middle - screenful / 2, character: 0 },
    end: { line: middle + screenful / 2, character: 0 },
  };
  let version = 1;
  /** Types one letter, or takes one back. */
  async function press(character: number, letter: string | undefined): Promise<void> {
    version += 1;
    const at = { line: middle, character };
    const range = { start: at, end: letter === undefined ? { ...at, character: character + 1 } : at };
    await editor.connection.sendNotification('textDocument/didChange', {
      textDocument: { ...textDocument, version },
      contentChanges: [{ range, text: letter ?? '' }],
    });
  }
  async function timeEach(ask: (character: number) => Promise<void>): Promise<number[]> {
    const times: number[] = [];
    const key = async (character: number, letter: string | undefined): Promise<void> => {
      const start = performance.now();
      await press(character, letter);
      await ask(character);
      times.push(performance.now() - start);
    };
    for (let round = 0; round < rounds; round++) {
      for (let at = 0; at < typed.length; at++) await key(at, typed.charAt(at));
      for (let at = typed.length - 1; at >= 0; at--) await key(at, undefined);
    }
    return times;
  }

  let fewest = Infinity;
  const hints = await timeEach(async () => {
    const found = await editor.connection.sendRequest('textDocument/inlayHint', {
      textDocument,
      range: screen,
    });
    fewest = Math.min(fewest, Array.isArray(found) ? found.length : 0);
  });
  if (fewest === 0) throw new Error('There were no hints.');
  const hovers = await timeEach(async () => {
    // On the name of the next binding, which was evaluated.
    const position = { line: middle + 1, character: 5 };
    const found = await editor.connection.sendRequest('textDocument/hover', { textDocument, position });
    if (found === null) throw new Error('There was no hover.');
  });

  const parser = await testParser();
  const whole = Array.from({ length: 9 }, () => {
    const start = performance.now();
    parser.parse(text).delete();
    return performance.now() - start;
  });
  const reference = `whole parse ${milliseconds(median(whole))}`;
  for (const [subject, times, goal] of [
    ['key to hints', hints, 16],
    ['key to hover', hovers, 20],
  ] as const) {
    const p95 = percentile(times, 95);
    printRow({
      subject: `${subject}, ${size}, at least ${fewest} hints`,
      measured: `p50 ${milliseconds(median(times))}, p95 ${milliseconds(p95)}`,
      reference,
      goal: `p95 ≤ ${goal} ms`,
      met: p95 <= goal,
    });
  }
} finally {
  await rm(root, { recursive: true, force: true });
}
