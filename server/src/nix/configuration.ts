import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { NixFailure } from './failure.ts';
import type { NixInstallation } from './installation.ts';
import { runRenamed } from './runRenamed.ts';
import type { ProcessOptions } from './run.ts';

/** The settings of Nix that decide where something can be built (Nix manual, `nix.conf`). */
export interface NixConfiguration {
  readonly system: string;
  readonly extraPlatforms: readonly string[];
  readonly systemFeatures: readonly string[];
  /** The lines of `builders`, with the content of every `@FILE` in its place. */
  readonly builders: string;
  readonly maxJobs: number;
  /** `nix-command` among them, which the question itself switches on. */
  readonly experimentalFeatures: readonly string[];
}

const names = z.array(z.string());

const settings = z.object({
  system: z.string(),
  'extra-platforms': names.default([]),
  'system-features': names.default([]),
  builders: z.string().default('@/etc/nix/machines'),
  'max-jobs': z.coerce.number().default(1),
  // Up to 2.12 or so their numbers, which mean another feature in each version.
  'experimental-features': z.union([names, z.array(z.number())]).default([]),
});

/**
 * Reads the settings that are in force.
 *
 * @throws NixFailure
 */
export async function readConfiguration(
  nix: NixInstallation,
  options: ProcessOptions = {},
): Promise<NixConfiguration> {
  const values = parseSettings(await printSettings(nix, ['--json'], options));
  const features = values['experimental-features'].filter((feature) => typeof feature === 'string');
  const areNumbered = features.length < values['experimental-features'].length;
  return {
    system: values.system,
    extraPlatforms: values['extra-platforms'],
    systemFeatures: values['system-features'],
    builders: await inlineFiles(values.builders),
    maxJobs: values['max-jobs'],
    experimentalFeatures: areNumbered ? featureNames(await printSettings(nix, [], options)) : features,
  };
}

/** `nix config show` since 2.19, `nix show-config` before. */
function printSettings(
  nix: NixInstallation,
  flags: readonly string[],
  options: ProcessOptions,
): Promise<string> {
  return runRenamed(nix, ['config', 'show'], ['show-config'], flags, options);
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

/** The setting in the form for people: `experimental-features = flakes nix-command`. */
function featureNames(text: string): string[] {
  const line = /^experimental-features = (.*)$/m.exec(text)?.[1] ?? '';
  return line.split(/\s+/).filter((name) => name !== '');
}

/** Puts the content of `@FILE` in its place; entries end with a newline or `;`. */
async function inlineFiles(builders: string): Promise<string> {
  const entries = builders.split(/[\n;]/).map((entry) => entry.trim());
  const texts = entries.map(async (entry) => (entry.startsWith('@') ? readMachines(entry.slice(1)) : entry));
  return (await Promise.all(texts)).filter((text) => text !== '').join('\n');
}

/** A machines file that is absent names no machine, as for Nix itself. */
async function readMachines(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new NixFailure('crashed', `The machines file ${file} that \`builders\` names cannot be read.`, {
      cause: error,
    });
  }
}
