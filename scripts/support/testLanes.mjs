import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';

/**
 * @typedef {object} Lane
 * @property {string[]} files
 * @property {number} sideBySide how many of them run at once
 * @property {boolean} alone whether nothing else may run meanwhile
 * @property {string[]} together the files of one process: `testsTogether.mjs`, which stands among the files
 */

const together = relative(process.cwd(), join(import.meta.dirname, 'testsTogether.mjs'));

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
  // They start no processes and share nothing, so they need none of their own.
  const unit = files.filter((file) => folderOf(file) === 'unit');
  if (unit.length > 0) files = [together, ...files.filter((file) => !unit.includes(file))];
  const length = (/** @type {string} */ file) => durations.get(file) ?? 0;
  const ordered = [...files].sort(
    (one, other) => length(other) - length(one) || rank(one) - rank(other) || (one < other ? -1 : 1),
  );
  const isAlone = (/** @type {string} */ file) => alone.includes(file);
  const isEditor = (/** @type {string} */ file) => folderOf(file) === 'editor';
  return [
    { files: ordered.filter(isEditor), sideBySide: 1, alone: false, together: [] },
    {
      files: ordered.filter((file) => !isAlone(file) && !isEditor(file)),
      sideBySide: availableParallelism() + 1,
      alone: false,
      together: unit,
    },
    { files: ordered.filter(isAlone), sideBySide: 1, alone: true, together: [] },
  ].filter((lane) => lane.files.length > 0);
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
