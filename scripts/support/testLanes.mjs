import { availableParallelism } from 'node:os';

/** @typedef {{ readonly files: string[], readonly sideBySide: number }} Lane */

/**
 * What must not run beside others: it fills the memory of the machine, weighs
 * what a process takes, or builds the whole package once more. An editor with
 * its browser takes both cores by itself.
 */
const alone = [
  'test/cli/killed.test.ts',
  'test/nix/memory.test.ts',
  'test/package/reproducible.test.ts',
  'test/server/textLimits.test.ts',
];

/** Folders whose files last long come first: no long one is left over at the end, alone on one core. */
const longestFirst = ['server', 'cli', 'nix', 'limits', 'fuzz', 'package', 'unit'];

/**
 * The test files in the order in which they are started. Most wait for
 * processes of their own, so one more than there are cores run side by side.
 * @param {readonly string[]} files
 * @returns {Lane[]}
 */
export function lanesOf(files) {
  const ordered = [...files].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
  /** @param {string} file */
  const isAlone = (file) => alone.includes(file) || file.split('/')[1] === 'editor';
  return [
    { files: ordered.filter((file) => !isAlone(file)), sideBySide: availableParallelism() + 1 },
    { files: ordered.filter(isAlone), sideBySide: 1 },
  ].filter((lane) => lane.files.length > 0);
}

/** @param {string} file */
function rank(file) {
  const place = longestFirst.indexOf(file.split('/')[1] ?? '');
  return place === -1 ? longestFirst.length : place;
}
