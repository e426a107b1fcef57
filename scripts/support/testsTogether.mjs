/**
 * Runs the test files that it is given as arguments in this one process, one
 * after the other. A process of its own for each would spend half of its time
 * on reading the same modules again. Each is a suite, so that what it does
 * before and after its tests is not done for those of others.
 */
import { join } from 'node:path';
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';

for (const file of process.argv.slice(2)) {
  describe(file, async () => {
    await import(pathToFileURL(join(process.cwd(), file)).href);
  });
}
