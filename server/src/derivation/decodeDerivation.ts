import * as z from 'zod';
import { isNestedDeeper } from '../model/nesting.ts';
import { storeDirOf } from '../model/storePath.ts';
import { MalformedDerivationError } from './malformedDerivation.ts';
import type { ParsedDerivation, ParsedInput, ParsedOutput } from './parsedDerivation.ts';
import { StringPool } from './stringPool.ts';
import { VariableReader, wantedVariables } from './variables.ts';

/**
 * Decodes one derivation out of the JSON of `nix derivation show` or `nix
 * show-derivation`, whichever version of Nix printed it.
 *
 * @param json the parsed output
 * @throws MalformedDerivationError when it does not hold that derivation, or not as any Nix prints it
 */
export function decodeDerivation(json: unknown, drvPath: string): ParsedDerivation {
  const storeDir = storeDirOf(drvPath);
  const entry = entriesOf(json, drvPath).find(([key]) => absolute(key, storeDir) === drvPath);
  if (entry === undefined)
    throw new MalformedDerivationError(drvPath, 'its JSON', 'that derivation', 'others only');
  return decodeEntry(entry[1], drvPath, storeDir, new StringPool());
}

/**
 * Decodes all derivations of such a JSON (`--recursive`), by their absolute paths.
 *
 * @param storeDir the store directory, which versions since 2.32 leave out of most paths
 * @throws MalformedDerivationError
 */
export function decodeDerivations(json: unknown, storeDir: string): ReadonlyMap<string, ParsedDerivation> {
  const pool = new StringPool();
  const derivations = new Map<string, ParsedDerivation>();
  for (const [key, value] of entriesOf(json, storeDir)) {
    const drvPath = absolute(key, storeDir);
    derivations.set(drvPath, decodeEntry(value, drvPath, storeDir, pool));
  }
  return derivations;
}

/** Names of outputs; since 2.18 with those of outputs that are themselves derivations. */
type UsedOutputs =
  | readonly string[]
  | {
      readonly outputs: readonly string[];
      readonly dynamicOutputs?: Readonly<Record<string, UsedOutputs>> | undefined;
    };

const usedOutputs: z.ZodType<UsedOutputs> = z.lazy(() =>
  z.union([
    z.array(z.string()),
    z.object({
      outputs: z.array(z.string()),
      dynamicOutputs: z.record(z.string(), usedOutputs).optional(),
    }),
  ]),
);

/**
 * - `{ path }`: the path follows from the inputs;
 * - `{ path, hashAlgo: "r:sha256", hash }`, since 2.23 with `method`: fixed output;
 * - `{ method, hash: "sha256-…" }` since 2.32: fixed output;
 * - `{ hashAlgo }`, with or without `method`: floating, with `impure` impure; `{}`: deferred.
 */
const output = z.object({
  path: z.string().nullish(),
  hash: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
});

const derivation = z.object({
  outputs: z.record(z.string(), output),
  /** Up to 2.32; later both kinds of inputs stand together. */
  inputDrvs: z.record(z.string(), usedOutputs).optional(),
  inputs: z.object({ drvs: z.record(z.string(), usedOutputs) }).optional(),
  system: z.string().optional(),
  /** The name of `system` up to 2.3. */
  platform: z.string().optional(),
  builder: z.string(),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()),
  /** Since 2.30; before, their JSON is the variable `__json`. */
  structuredAttrs: z.record(z.string(), z.unknown()).nullish(),
});

const structuredText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'JSON' });
    return z.NEVER;
  }
});
const structured = structuredText.pipe(z.record(z.string(), z.unknown()));

const table = z.record(z.string(), z.unknown());

/** Since 2.33 the derivations stand under a key of their own. */
function entriesOf(json: unknown, path: string): [key: string, value: unknown][] {
  const whole = check(table, json, path, '');
  return Object.entries(
    'derivations' in whole ? check(table, whole.derivations, path, 'derivations') : whole,
  );
}

/** Of the JSON of a derivation's inputs; nobody writes so many outputs of outputs, and the stack holds more. */
const deepestInputs = 128;

function decodeEntry(json: unknown, drvPath: string, storeDir: string, pool: StringPool): ParsedDerivation {
  const { inputs: inputsNow, inputDrvs } = check(table, json, drvPath, '');
  if (isNestedDeeper([inputsNow, inputDrvs], deepestInputs))
    throw new MalformedDerivationError(
      drvPath,
      'its JSON',
      `at most ${deepestInputs} levels of outputs of outputs`,
      'more',
    );
  const { builder, args, env, outputs, ...rest } = check(derivation, json, drvPath, '');
  const system = rest.system ?? rest.platform;
  const inputs = rest.inputs?.drvs ?? rest.inputDrvs;
  if (system === undefined) throw new MalformedDerivationError(drvPath, 'its JSON', '`system`', 'none');
  if (inputs === undefined)
    throw new MalformedDerivationError(drvPath, 'its JSON', '`inputDrvs` or `inputs`', 'neither');

  const variables = new VariableReader(storeDir, pool);
  variables.readPaths(builder, 'builder');
  for (const argument of args) variables.readPaths(argument, 'args');
  for (const [name, value] of Object.entries(env)) {
    if (wantedVariables.has(name)) variables.readVariable(name, value);
  }
  const attributes =
    rest.structuredAttrs ??
    (env.__json === undefined ? undefined : check(structured, env.__json, drvPath, 'env.__json'));
  if (attributes !== undefined) variables.readStructured(attributes);
  return variables.finish({
    outputs: Object.entries(outputs).map(([name, value]) => decodeOutput(name, value, env[name], storeDir)),
    inputs: Object.entries(inputs).map(([path, used]) => decodeInput(absolute(path, storeDir), used)),
    system,
    builder,
  });
}

/** @param variable the output's variable, which has the path of a fixed output even where the output has not */
function decodeOutput(
  name: string,
  { path, hash }: z.infer<typeof output>,
  variable: string | undefined,
  storeDir: string,
): ParsedOutput {
  const fixedOutput = hash !== undefined && hash !== null && hash !== '' && hash !== 'impure';
  const written = path ?? (fixedOutput ? variable : undefined) ?? '';
  return written === '' ? { name, fixedOutput } : { name, path: absolute(written, storeDir), fixedOutput };
}

function decodeInput(drvPath: string, used: UsedOutputs): ParsedInput {
  return { drvPath, outputs: namesOf(used, '') };
}

function namesOf(used: UsedOutputs, prefix: string): string[] {
  if ('outputs' in used) {
    const nested = Object.entries(used.dynamicOutputs ?? {});
    return [
      ...namesOf(used.outputs, prefix),
      ...nested.flatMap(([name, inner]) => namesOf(inner, `${prefix}${name}^`)),
    ];
  }
  return used.map((name) => prefix + name);
}

/** Since 2.32 store paths are written as base names. */
function absolute(path: string, storeDir: string): string {
  return path.startsWith('/') ? path : `${storeDir}/${path}`;
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  drvPath: string,
  key: string,
): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const keys = [key, ...(issue?.path ?? []).map(String)].filter((part) => part !== '');
  const place = keys.length === 0 ? 'its JSON' : `its JSON at ${keys.join('.')}`;
  const expected = issue?.code === 'invalid_type' ? issue.expected : (issue?.message ?? 'something else');
  throw new MalformedDerivationError(drvPath, place, expected, describe(json, issue?.path ?? []));
}

const deepestShown = 100;

function describe(json: unknown, path: readonly PropertyKey[]): string {
  let value = json;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) break;
    value = Object.entries(value).find(([name]) => name === String(key))?.[1];
  }
  if (value === undefined) return 'nothing';
  if (isNestedDeeper(value, deepestShown)) return 'something that is nested too deep to be shown';
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
