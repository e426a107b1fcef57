/** Writes the JSON Schemas of the target file and of what `--format json` prints. `npm run schema`, on Node 24. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { jsonSchemaNames, jsonSchemaText } from '../server/src/output/jsonSchemas.ts';
import { targetFileJsonSchema } from '../server/src/targets/targetFileJsonSchema.ts';

const repository = dirname(import.meta.dirname);
writeFileSync(join(repository, 'syntaxes', 'target-file.schema.json'), targetFileJsonSchema());
mkdirSync(join(repository, 'schemas'), { recursive: true });
for (const name of jsonSchemaNames)
  writeFileSync(join(repository, 'schemas', `${name}.schema.json`), jsonSchemaText(name));
