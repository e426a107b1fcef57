/**
 * Runs the test files that it is given as arguments in this one process, one
 * after the other. A process of its own for each would spend half of its time
 * on reading the same modules again.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

for (const file of process.argv.slice(2)) await import(pathToFileURL(join(process.cwd(), file)).href);
