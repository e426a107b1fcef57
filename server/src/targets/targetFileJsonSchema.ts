import * as z from 'zod';

import { targetFileSchema } from './targetFile.ts';

/** The target file's shape as JSON Schema, for editors; `scripts/build-schema.mjs` writes it down. */
export function targetFileJsonSchema(): string {
  const schema = z.toJSONSchema(targetFileSchema, { io: 'input', target: 'draft-7' });
  const titled = {
    ...schema,
    title: 'Targets of Nix Platform Lens',
    allowComments: true,
    allowTrailingCommas: true,
  };
  return `${JSON.stringify(titled, undefined, 2)}\n`;
}
