import * as z from 'zod';

import { ruleLevelsSetting } from '../evaluation/ruleSetting.ts';
import { systemName, targetSetting } from '../evaluation/targetSetting.ts';

/**
 * All settings by the key that follows `nixPlatformLens.` in the editor's
 * manifest, each with its default.
 */
export const settingsSchema = z.object({
  'nix.directory': z.string().default(''),
  targets: z.array(targetSetting).default([]),
  /** One system or several; none, or the empty text that a text box leaves: this machine's. */
  evaluateAs: z.preprocess(
    (value) => (value === '' || value === null ? [] : typeof value === 'string' ? [value] : value),
    z.array(systemName).default([]),
  ),
  rules: ruleLevelsSetting.default({}),
  'evaluation.onOpen': z.boolean().default(true),
  'evaluation.onSave': z.boolean().default(true),
  'evaluation.openFiles': z.boolean().default(true),
  /** Seconds. */
  'evaluation.timeout': z.number().min(1).default(120),
  /** Mebibytes; 0: what fits the machine. */
  'evaluation.memoryLimit': z
    .number()
    .refine((limit) => limit === 0 || limit >= 256, 'must be 0 or at least 256')
    .default(0),
  'evaluation.warm': z.boolean().default(true),
  'evaluation.allowImportFromDerivation': z.boolean().default(false),
  'cache.enabled': z.boolean().default(true),
  'inlayHints.enabled': z.enum(['all', 'foreign', 'off']).default('all'),
  'codeLens.enabled': z.boolean().default(true),
});

/** The user's settings, validated; every key has a value. */
export type Settings = Readonly<z.output<typeof settingsSchema>>;

export interface ReadSettings {
  readonly settings: Settings;
  /** One sentence for each value that was not usable and therefore is the default. */
  readonly problems: readonly string[];
}

export const defaultSettings: Settings = settingsSchema.parse({});

/**
 * Reads settings as an editor sends them: nested objects
 * (`{ evaluation: { onSave: true } }`) or flat keys (`{ 'evaluation.onSave': true }`).
 * A value that is not valid becomes its default and is reported.
 */
export function readSettings(raw: unknown): ReadSettings {
  const given = new Map(Object.keys(settingsSchema.shape).map((key) => [key, lookUp(raw, key)]));
  const result = settingsSchema.safeParse(Object.fromEntries(given));
  if (result.success) return { settings: result.data, problems: [] };
  const issuesByKey = new Map<string, string[]>();
  for (const { path, message } of result.error.issues) {
    const [key, ...inner] = path.map(String);
    if (key === undefined) continue;
    given.delete(key);
    issuesByKey.set(key, [
      ...(issuesByKey.get(key) ?? []),
      [inner.join('.'), message].filter(Boolean).join(': '),
    ]);
  }
  return {
    settings: settingsSchema.parse(Object.fromEntries(given)),
    problems: [...issuesByKey].map(
      ([key, issues]) =>
        `The setting nixPlatformLens.${key} is not valid (${issues.join('; ')}). Its default is used instead.`,
    ),
  };
}

function lookUp(raw: unknown, key: string): unknown {
  if (!isRecord(raw)) return undefined;
  if (key in raw) return raw[key];
  return key.split('.').reduce<unknown>((at, part) => (isRecord(at) ? at[part] : undefined), raw);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
