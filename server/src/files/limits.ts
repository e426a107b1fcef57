import { constants } from 'node:fs';

/**
 * How everything is opened: without waiting. To open a FIFO would wait for
 * somebody who writes to it, and nothing could end that wait, not even the end
 * of this process.
 */
export const readOnly = constants.O_RDONLY | constants.O_NONBLOCK;

export const mebibyte = 1024 * 1024;

/** Where a reader names no limit of its own: no text that a person writes is larger. */
export const largestText = 64 * mebibyte;

/** Of lock files, target files and what else is read at once to its last byte. */
export const largestSettings = 4 * mebibyte;

/** Of .drv files: those of real closures have some kilobytes, those with a whole text in them some megabytes. */
export const largestDerivation = 256 * mebibyte;
