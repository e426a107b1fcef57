import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Ajv } from 'ajv';

import { jsonSchemaNames, jsonSchemaText } from '../../server/src/output/jsonSchemas.ts';

const folder = join(import.meta.dirname, '../../schemas');
const read = (name: string): string => readFileSync(join(folder, `${name}.schema.json`), 'utf8');

test('the published schemas are those of the source', () => {
  assert.deepEqual(readdirSync(folder).sort(), jsonSchemaNames.map((name) => `${name}.schema.json`).sort());
  for (const name of jsonSchemaNames)
    assert.deepEqual(JSON.parse(read(name)), JSON.parse(jsonSchemaText(name)), 'npm run schema');
});

test('a validator takes them, lets fields pass that are added, and refuses those that are missing', () => {
  const derivation = { drvPath: '/x.drv', name: 'x', buildSystem: 's', hostSystem: null };
  const validate = new Ajv().compile(JSON.parse(read('why')));
  assert.equal(validate({ version: 1, matches: [{ ...derivation, added: 1 }] }), true);
  assert.equal(validate({ version: 1, matches: [{ ...derivation, name: undefined }] }), false);
  assert.equal(validate({ version: 2, matches: [derivation] }), false);
});
