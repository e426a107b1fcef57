import { availableParallelism } from 'node:os';

/**
 * @typedef {object} Lane
 * @property {string[][]} processes the files of each, which run there one after the other
 * @property {number} sideBySide how many processes run at once
 * @property {boolean} alone whether nothing else may run meanwhile
 */

/**
 * What must not run beside others: it fills the memory of the machine, weighs
 * what a process takes, or builds the whole package once more.
 */
const alone = [
  'test/cli/killed.test.ts',
  'test/nix/memory.test.ts',
  'test/package/reproducible.test.ts',
  'test/server/textLimits.test.ts',
];

/** How long a file of a folder usually lasts, in milliseconds, where it never ran here. */
const usual = { server: 9000, cli: 6000, nix: 7000, limits: 12_000, fuzz: 20_000, package: 3000 };

/** A process that lasts less spends too much of its time on reading the modules of this repository. */
const shortestMs = 10_000;

/**
 * The test files in the order in which they are started, the longest first: no
 * long one is left over at the end, alone on one core. Most wait for processes
 * of their own, so one more than there are cores run side by side. An editor
 * with its browser takes more than a core by itself.
 * @param {readonly string[]} files
 * @param {ReadonlyMap<string, number>} durations of files that ran before, in milliseconds
 * @returns {Lane[]}
 */
export function lanesOf(files, durations) {
  const length = (/** @type {string} */ file) => durations.get(file) ?? usualLength(file);
  const ordered = [...files].sort((one, other) => length(other) - length(one) || (one < other ? -1 : 1));
  const isAlone = (/** @type {string} */ file) => alone.includes(file);
  const isIn = (/** @type {string} */ folder) => (/** @type {string} */ file) => folderOf(file) === folder;
  const others = ordered.filter((file) => !isAlone(file) && !isIn('editor')(file) && !isIn('unit')(file));
  // They start no processes and share nothing.
  const unit = ordered.filter(isIn('unit'));
  const sideBySide = availableParallelism() + 1;
  const each = (/** @type {string[]} */ ones) => ones.map((file) => [file]);
  return [
    { processes: each(ordered.filter(isIn('editor'))), sideBySide: 1, alone: false },
    {
      processes: [...(unit.length > 0 ? [unit] : []), ...inProcesses(others, length, sideBySide)],
      sideBySide,
      alone: false,
    },
    { processes: each(ordered.filter(isAlone)), sideBySide: 1, alone: true },
  ].filter((lane) => lane.processes.length > 0);
}

/**
 * Puts files together that run in one process: a process of its own for each
 * would spend much of its time on reading the same modules again. Each process
 * gets a share of what is left, so that the first are few and long, and the
 * last so short that all end at about the same time.
 * @param {readonly string[]} files the longest first
 * @param {(file: string) => number} length in milliseconds
 * @param {number} sideBySide how many processes run at once
 * @returns {string[][]} the files of each process
 */
function inProcesses(files, length, sideBySide) {
  const waiting = [...files];
  let left = waiting.reduce((sum, file) => sum + length(file), 0);
  /** @type {string[][]} */
  const processes = [];
  while (waiting.length > 0) {
    const share = Math.max(shortestMs, left / (2 * sideBySide));
    /** @type {string[]} */
    const together = [];
    for (let lasts = 0; waiting.length > 0 && lasts < share;) {
      const file = waiting.shift() ?? '';
      together.push(file);
      lasts += length(file);
    }
    left -= together.reduce((sum, file) => sum + length(file), 0);
    processes.push(together);
  }
  return processes;
}

/**
 * The folder below `test` that a test file is in.
 * @param {string} file
 */
function folderOf(file) {
  return file.split('/')[1] ?? '';
}

/** @param {string} file */
function usualLength(file) {
  return Object.entries(usual).find(([folder]) => folder === folderOf(file))?.[1] ?? 1000;
}
