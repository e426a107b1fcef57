import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { run } from 'node:test';

import reporter from './reporter.mjs';
import { readDurations, writeDurations } from './testDurations.mjs';
import { lanesOf } from './testLanes.mjs';

/** @typedef {import('node:test/reporters').TestEvent} TestEvent */

/** Longer than any test needs: nothing may hang for ever. */
const longestTestMs = 600_000;

/**
 * Most processes of the tests parse some lines and end: to optimise the parser
 * costs them a sixth of their time, and brings nothing. The default is 13
 * million; those that parse for half a minute reach this one too.
 */
const v8Flags = ['--wasm-tiering-budget=2000000000'];

const together = join(import.meta.dirname, 'testsTogether.mjs');

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
      yield* eventsOf(lane, ended.signal);
    }
  }
  /** @type {Map<string, number>} */
  const lasted = new Map();
  async function* watched() {
    for await (const event of events()) {
      if (event.type === 'test:fail') passed = false;
      if ((event.type === 'test:pass' || event.type === 'test:fail') && event.data.nesting === 0) {
        // Where files share a process, each is a suite of its name.
        const { name } = event.data;
        const file = files.includes(name) ? name : relative(process.cwd(), event.data.file ?? '');
        lasted.set(file, (lasted.get(file) ?? 0) + event.data.details.duration_ms);
      }
      yield event;
    }
  }
  for await (const text of Readable.from(reporter(watched()))) process.stdout.write(String(text));
  clearTimeout(limit);
  writeDurations(new Map([...durations, ...lasted]));
  return passed;
}

/**
 * Runs the processes of a lane, and yields what each of them reported once it
 * has ended: nested tests of two processes at once would be told mixed up.
 * @param {import('./testLanes.mjs').Lane} lane
 * @param {AbortSignal} signal
 */
async function* eventsOf(lane, signal) {
  const waiting = [...lane.processes];
  /** @type {Set<Promise<TestEvent[]>>} */
  const running = new Set();
  while (waiting.length > 0 || running.size > 0) {
    while (waiting.length > 0 && running.size < lane.sideBySide) {
      const started = eventsOfProcess(waiting.shift() ?? [], signal);
      running.add(started);
      void started.then(() => running.delete(started));
    }
    yield* await Promise.race(running);
    if (signal.aborted) return;
  }
}

/**
 * Runs test files in one process, one after the other.
 * @param {readonly string[]} files
 * @param {AbortSignal} signal
 * @returns {Promise<TestEvent[]>}
 */
async function eventsOfProcess(files, signal) {
  const entry = files.length === 1 ? { files } : { files: [together], argv: files };
  const execArgv = [`--test-timeout=${longestTestMs}`, ...v8Flags];
  return await run({ ...entry, timeout: longestTestMs * files.length, execArgv, signal }).toArray();
}
