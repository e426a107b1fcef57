import type { System } from '../model/system.ts';

/** A remote machine that builds (Nix manual, "Remote builds"). */
export interface BuildMachine {
  /** E.g. `ssh://mac`. */
  readonly uri: string;
  readonly systems: readonly System[];
  /** How many builds it runs at once. */
  readonly maxJobs: number;
  readonly speedFactor: number;
  readonly supportedFeatures: readonly string[];
  /** It builds only what requires all of these. */
  readonly mandatoryFeatures: readonly string[];
}

/**
 * Parses the value of Nix's setting `builders`, or the content of a machines
 * file (Nix source, `machines.cc`): one machine a line or between semicolons,
 * fields separated by white space, `-` for an omitted one. An `@FILE` is to be
 * replaced by the file's content beforehand; what is left of them is ignored.
 *
 * @param defaultSystem the system of a machine that lists none: this machine's
 */
export function parseMachines(text: string, defaultSystem: System): readonly BuildMachine[] {
  return text
    .split(/[\n;]/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('@'))
    .map((line) => parseMachine(line, defaultSystem));
}

function parseMachine(line: string, defaultSystem: System): BuildMachine {
  const fields = line.split(/\s+/);
  const field = (index: number): string | undefined => (fields[index] === '-' ? undefined : fields[index]);
  // The third field is the SSH key, the eighth the public host key.
  return {
    uri: fields[0] ?? '',
    systems: listOf(field(1) ?? defaultSystem),
    maxJobs: numberOf(field(3), 1),
    speedFactor: numberOf(field(4), 1),
    supportedFeatures: listOf(field(5) ?? ''),
    mandatoryFeatures: listOf(field(6) ?? ''),
  };
}

function listOf(field: string): readonly string[] {
  return field.split(',').filter((element) => element !== '');
}

function numberOf(field: string | undefined, byDefault: number): number {
  const number = Number(field ?? byDefault);
  return Number.isFinite(number) && number >= 0 ? number : byDefault;
}
