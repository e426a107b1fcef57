import { isAbsolute } from 'node:path';
import * as z from 'zod';

import { buildPackageSets, usualBuildPackageSet } from '../fixes/buildPackageSet.ts';
import { repairsTimeLimit } from '../fixes/timeLimit.ts';
import { ruleLevelsSetting } from '../targets/ruleSetting.ts';
import { systemName, targetSetting, workspaceTargetSetting } from '../targets/targetSetting.ts';

/**
 * All settings by the key that follows `nixPlatformLens.` in the editor's
 * manifest, each with its default.
 */
export const settingsSchema = z.object({
  'nix.directory': z
    .string()
    // A relative one would start in the folder that the editor happens to be in, such as a repository.
    .refine((path) => path === '' || isAbsolute(path) || /^~(?:\/|$)/.test(path), 'give an absolute path')
    .default(''),
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
  /** Seconds. */
  'repairs.timeLimit': z.number().min(1).default(repairsTimeLimit),
  'repairs.buildPackageSet': z.enum(buildPackageSets).default(usualBuildPackageSet),
  'cache.enabled': z.boolean().default(true),
  'inlayHints.enabled': z.enum(['all', 'foreign', 'off']).default('all'),
  'codeLens.enabled': z.boolean().default(true),
});

type SettingName = keyof typeof settingsSchema.shape;

/**
 * What the settings of a workspace may do, which its repository may bring along
 * (`.vscode/settings.json`): nothing; switch off what the person has switched
 * on, or not set; add to it; or set it in the place of the person's.
 */
const workspaceMay: Readonly<Record<SettingName, 'nothing' | 'switch off' | 'add' | 'replace'>> = {
  'nix.directory': 'nothing',
  targets: 'replace',
  evaluateAs: 'replace',
  rules: 'add',
  'evaluation.onOpen': 'switch off',
  'evaluation.onSave': 'switch off',
  'evaluation.openFiles': 'switch off',
  'evaluation.timeout': 'nothing',
  'evaluation.memoryLimit': 'nothing',
  'evaluation.warm': 'switch off',
  'evaluation.allowImportFromDerivation': 'nothing',
  'repairs.timeLimit': 'nothing',
  'repairs.buildPackageSet': 'replace',
  'cache.enabled': 'switch off',
  'inlayHints.enabled': 'replace',
  'codeLens.enabled': 'replace',
};

/** Of what a workspace sets; its targets name less than a person's. */
const workspaceSchema = settingsSchema.extend({ targets: z.array(workspaceTargetSetting).default([]) });

/** The settings, validated; every key has a value. */
export type Settings = Readonly<z.output<typeof settingsSchema>> & {
  /** The targets are those of the workspace's own settings, and not a person's. */
  readonly areTargetsFromWorkspace?: true;
};

export interface ReadSettings {
  readonly settings: Settings;
  /** One sentence for each value that was not usable and therefore is the default. */
  readonly problems: readonly string[];
}

export const defaultSettings: Settings = settingsSchema.parse({});

/**
 * Reads settings as an editor sends them: nested objects
 * (`{ evaluation: { onSave: true } }`) or flat keys (`{ 'evaluation.onSave': true }`).
 * A value that is not valid becomes its default and is reported. Below
 * `fromWorkspace` stand those that are the workspace's and not the person's own.
 */
export function readSettings(raw: unknown): ReadSettings {
  const own = readValues(raw, settingsSchema, 'Its default is used instead.');
  const fromWorkspace = isRecord(raw) ? raw['fromWorkspace'] : undefined;
  if (!isRecord(fromWorkspace)) return { settings: own.settings, problems: own.problems };
  const theirs = readValues(fromWorkspace, workspaceSchema, 'What the workspace sets there is not used.');
  const merged = mergeWorkspace(own.settings, theirs);
  return { settings: merged.settings, problems: [...own.problems, ...theirs.problems, ...merged.problems] };
}

interface ReadValues {
  readonly settings: z.output<typeof settingsSchema>;
  /** The keys that have a value of their own. */
  readonly set: ReadonlySet<SettingName>;
  readonly problems: readonly string[];
}

/** What the workspace sets takes effect as far as it may. */
function mergeWorkspace(own: ReadValues['settings'], theirs: ReadValues): ReadSettings {
  const allowed = new Map<string, unknown>();
  const problems: string[] = [];
  for (const name of theirs.set) {
    const [ownValue, value] = [own[name], theirs.settings[name]];
    const may = workspaceMay[name];
    if (may === 'replace') allowed.set(name, value);
    else if (may === 'switch off' && (value === false || ownValue === true)) allowed.set(name, value);
    else if (JSON.stringify(value) !== JSON.stringify(ownValue) && may !== 'add') {
      const why = may === 'nothing' ? 'cannot be set' : 'cannot be switched on';
      problems.push(
        `The setting nixPlatformLens.${name} ${why} by a workspace, whose files may be another person’s: set it in your user settings.`,
      );
    }
  }
  const settings = settingsSchema.parse({
    ...own,
    ...Object.fromEntries(allowed),
    rules: { ...own.rules, ...theirs.settings.rules },
  });
  return {
    settings: { ...settings, ...(allowed.has('targets') && { areTargetsFromWorkspace: true }) },
    problems,
  };
}

function readValues(
  raw: unknown,
  schema: typeof settingsSchema | typeof workspaceSchema,
  instead: string,
): ReadValues {
  const names = settingsSchema.keyof().options;
  const given = new Map<string, unknown>(names.map((key) => [key, lookUp(raw, key)]));
  const setNames = (): Set<SettingName> => new Set(names.filter((name) => given.get(name) !== undefined));
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return { settings: result.data, set: setNames(), problems: [] };
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
    settings: schema.parse(Object.fromEntries(given)),
    set: setNames(),
    problems: [...issuesByKey].map(
      ([key, issues]) => `The setting nixPlatformLens.${key} is not valid (${issues.join('; ')}). ${instead}`,
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
