import * as z from 'zod';
import type { BuildConfiguration } from '../model/buildConfiguration.ts';
import { dialectOf } from './dialect.ts';
import { NixFailure } from './failure.ts';
import type { NixInstallation } from './installation.ts';
import { readMachines } from './readMachines.ts';
import { runRenamed, type RenamedCommand } from './runRenamed.ts';
import type { ProcessOptions } from './runNix.ts';

/** The settings of Nix that decide what is evaluated and where it is built (Nix manual, `nix.conf`). */
export interface NixConfiguration {
  readonly builders: BuildConfiguration;
  /** The store that is used, e.g. `auto` or the folder of another one. */
  readonly store: string;
}

const names = z.array(z.string());

const settings = z.object({
  system: z.string(),
  store: z.string().default('auto'),
  'extra-platforms': names.default([]),
  'system-features': names.default([]),
  builders: z.string().default('@/etc/nix/machines'),
  'max-jobs': z.coerce.number().default(1),
  // Before they were experimental, there were none.
  'external-builders': z.array(z.object({ systems: names })).default([]),
  substitute: z.boolean().default(true),
  substituters: names.default([]),
  'always-allow-substitutes': z.boolean().default(false),
  fallback: z.boolean().default(false),
});

/** One setting of the command line, as `--option NAME VALUE` gives it. */
export type GivenOption = readonly [name: string, value: string];

/**
 * Reads the settings that are in force.
 *
 * @param given settings of the command line, which overrule all others
 * @throws NixFailure
 */
export async function readConfiguration(
  nix: NixInstallation,
  options: ProcessOptions = {},
  given: readonly GivenOption[] = [],
): Promise<NixConfiguration> {
  const flags = given.flatMap(([name, value]) => ['--option', name, value]);
  const values = parseSettings(await printSettings(nix, ['--json', ...flags], options));
  const { refusals, ...rules } = dialectOf(nix);
  return {
    store: values.store,
    builders: {
      system: values.system,
      extraPlatforms: values['extra-platforms'],
      systemFeatures: values['system-features'],
      maxJobs: values['max-jobs'],
      externalBuilderSystems: values['external-builders'].flatMap(({ systems }) => systems),
      ...(await readMachines(values.builders, { ...rules, defaultSystem: values.system })),
      substitutes: values.substitute && values.substituters.length > 0,
      alwaysAllowSubstitutes: values['always-allow-substitutes'],
      fallback: values.fallback,
      refusals,
    },
  };
}

/**
 * Settings that {@link BuildConfiguration} is made of, and that which says
 * whether some of them count; `extra-` before a name adds to it.
 */
const deciding: ReadonlySet<string> = new Set([...Object.keys(settings.shape), 'experimental-features']);

/** Those of the options that may change who builds something. */
export function decidingOptions(options: readonly GivenOption[]): GivenOption[] {
  return options.filter(([name]) => deciding.has(name) || deciding.has(name.replace(/^extra-/, '')));
}

const configShow: RenamedCommand = { newer: ['config', 'show'], older: ['show-config'], since: [2, 19] };

function printSettings(
  nix: NixInstallation,
  flags: readonly string[],
  options: ProcessOptions,
): Promise<string> {
  // Behind the wall they would be others; to print them needs no network.
  return runRenamed(nix, configShow, flags, { ...options, network: 'allowed' });
}

/** Each setting is an object with a `value`; in old versions the value itself. */
function parseSettings(stdout: string): z.infer<typeof settings> {
  try {
    const raw = z.record(z.string(), z.unknown()).parse(JSON.parse(stdout));
    const wrapped = z.looseObject({ value: z.unknown() });
    const values = Object.entries(raw).map(([name, entry]) => {
      const { success, data } = wrapped.safeParse(entry);
      return [name, success ? data.value : entry] as const;
    });
    return settings.parse(Object.fromEntries(values));
  } catch (cause) {
    throw new NixFailure('crashed', 'Nix printed its settings in an unknown way.', { cause });
  }
}
