import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { run } from 'node:test';

import reporter from './reporter.mjs';
import { readDurations, writeDurations } from './testDurations.mjs';
import { lanesOf } from './testLanes.mjs';

/** Longer than any test needs: nothing may hang for ever. */
const longestTestMs = 600_000;

/**
 * Most processes of the tests parse some lines and end: to optimise the parser
 * costs them a sixth of their time, and brings nothing. The default is 13
 * million; those that parse for half a minute reach this one too.
 */
const v8Flags = ['--wasm-tiering-budget=2000000000'];

/** What V8 and the removal of types made of a file before; each is looked up by its content. */
const compiled = join(import.meta.dirname, '..', '..', '.cache', 'compiled');

/**
 * Runs test files, one lane after the other, and prints how they went.
 * @param {readonly string[]} files
 * @param {number} longestMinutes after which all of it is ended, and what still runs is told
 * @param {Promise<unknown>} [beside] what runs beside them, but for those that run alone
 * @returns {Promise<boolean>} whether all passed
 */
export async function runTests(files, longestMinutes, beside) {
  // Each file is a process that reads much of this repository, and most start more of them.
  process.env['NODE_COMPILE_CACHE'] ??= compiled;
  let passed = true;
  const ended = new AbortController();
  // The limit of a test does not hold for its file: that one can be over, and its process live on.
  const limit = setTimeout(() => {
    console.error(`\n✖ The tests did not end within ${longestMinutes} minutes. What runs now:\n`);
    spawnSync('ps', ['-e', '-o', 'pid,ppid,etime,args', '--columns', '200'], { stdio: 'inherit' });
    passed = false;
    ended.abort();
  }, longestMinutes * 60_000);

  const durations = readDurations();
  async function* events() {
    for (const lane of lanesOf(files, durations)) {
      if (lane.alone) await beside;
      if (ended.signal.aborted) return;
      yield* run({
        files: lane.files,
        argv: lane.together,
        concurrency: lane.sideBySide,
        timeout: longestTestMs,
        execArgv: [`--test-timeout=${longestTestMs}`, ...v8Flags],
        signal: ended.signal,
      });
    }
  }
  async function* watched() {
    for await (const event of events()) {
      if (event.type === 'test:fail') passed = false;
      if (event.type === 'test:summary' && event.data.file !== undefined)
        durations.set(relative(process.cwd(), event.data.file), event.data.duration_ms);
      yield event;
    }
  }
  for await (const text of Readable.from(reporter(watched()))) process.stdout.write(String(text));
  clearTimeout(limit);
  writeDurations(durations);
  return passed;
}
