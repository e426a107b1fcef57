/** Writes the JSON Schema of the target file. `npm run schema`, on Node 24. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { targetFileJsonSchema } from '../server/src/targets/targetFileJsonSchema.ts';

const file = join(dirname(import.meta.dirname), 'syntaxes', 'target-file.schema.json');
writeFileSync(file, targetFileJsonSchema());
