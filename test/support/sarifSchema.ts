import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import type { Log } from 'sarif';
import * as z from 'zod';

const require = createRequire(import.meta.url);

/** The schema of SARIF 2.1.0 is written in draft 4 of JSON Schema; what it uses of that is the same in later ones. */
function loadSchema(): object {
  const file = require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  const schema = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== 'id'));
}

let compiled: ValidateFunction<Log> | undefined;

function compileSchema(): ValidateFunction<Log> {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false, validateFormats: false });
  return ajv.compile<Log>(loadSchema());
}

/** Fails where a text is no SARIF log by its schema. */
export function parseSarif(text: string): Log {
  const log: unknown = JSON.parse(text);
  const isValid = (compiled ??= compileSchema());
  assert.ok(isValid(log), JSON.stringify(isValid.errors?.slice(0, 5), undefined, 2));
  return log;
}
