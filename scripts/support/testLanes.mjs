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

/** Where it is not known how long files last: folders of long ones first. */
const longestFirst = ['server', 'cli', 'nix', 'limits', 'fuzz', 'package', 'unit'];

/** A process of its own for each file would spend much of its time on reading the same modules again. */
const most = { files: 6, milliseconds: 15_000 };

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
  const length = (/** @type {string} */ file) => durations.get(file) ?? 0;
  const ordered = [...files].sort(
    (one, other) => length(other) - length(one) || rank(one) - rank(other) || (one < other ? -1 : 1),
  );
  const isAlone = (/** @type {string} */ file) => alone.includes(file);
  const isIn = (/** @type {string} */ folder) => (/** @type {string} */ file) => folderOf(file) === folder;
  const others = ordered.filter((file) => !isAlone(file) && !isIn('editor')(file) && !isIn('unit')(file));
  // They start no processes and share nothing.
  const unit = ordered.filter(isIn('unit'));
  const each = (/** @type {string[]} */ ones) => ones.map((file) => [file]);
  return [
    { processes: each(ordered.filter(isIn('editor'))), sideBySide: 1, alone: false },
    {
      processes: [...(unit.length > 0 ? [unit] : []), ...inProcesses(others, length)],
      sideBySide: availableParallelism() + 1,
      alone: false,
    },
    { processes: each(ordered.filter(isAlone)), sideBySide: 1, alone: true },
  ].filter((lane) => lane.processes.length > 0);
}

/**
 * Puts files of one folder together, as long as they are few and short.
 * @param {readonly string[]} files the longest first
 * @param {(file: string) => number} length in milliseconds
 * @returns {string[][]} the files of each process
 */
function inProcesses(files, length) {
  /** @type {string[][]} */
  const processes = [];
  /** @type {Map<string, string[]>} */
  const filling = new Map();
  for (const file of files) {
    const folder = folderOf(file);
    const found = filling.get(folder);
    const full = found?.reduce((sum, one) => sum + length(one), length(file)) ?? 0;
    if (found && found.length < most.files && full <= most.milliseconds) found.push(file);
    else {
      const started = [file];
      filling.set(folder, started);
      processes.push(started);
    }
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
function rank(file) {
  const place = longestFirst.indexOf(folderOf(file));
  return place === -1 ? longestFirst.length : place;
}
