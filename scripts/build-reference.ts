/**
 * Writes what the documentation says of settings, commands, keys, flags and
 * rules. `npm run reference`, on Node 24.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referencePages } from './reference/pages.ts';

const repository = dirname(import.meta.dirname);
for (const { file, now, wanted } of await referencePages()) {
  writeFileSync(join(repository, file), wanted);
  console.log(`${file}: ${now === wanted ? 'as it was' : 'written anew'}`);
}
