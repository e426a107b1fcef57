import type { BuildMachine } from '../model/buildConfiguration.ts';
import type { System } from '../model/system.ts';

/** An entry of `builders` that Nix refuses; the message is in its words. */
export class BadMachineError extends Error {
  override readonly name = 'BadMachineError';
}

export interface MachineRules {
  /** The system of a machine that names none. */
  readonly defaultSystem: System;
  /** A speed factor may be a fraction: since 2.20. */
  readonly fractions: boolean;
}

/**
 * Reads one entry of `builders`: fields between white space, `-` for one that
 * is left out (Nix source, `machines.cc`, `parseBuilderLine`).
 *
 * @throws BadMachineError
 */
export function parseMachine(entry: string, { defaultSystem, fractions }: MachineRules): BuildMachine {
  const fields = entry.split(/[ \t\n\r]+/).filter((field) => field !== '');
  const field = (index: number): string | undefined => (fields[index] === '-' ? undefined : fields[index]);
  const number = (index: number, form: RegExp, type: string): number => {
    const text = field(index);
    if (text === undefined) return 1;
    if (form.test(text)) return Number(text);
    throw new BadMachineError(
      `bad machine specification: failed to convert column #${index} in a row: '${entry}' to '${type}'`,
    );
  };
  const uri = field(0);
  if (uri === undefined)
    throw new BadMachineError(
      `bad machine specification: store URL was not found at the first column of a row: '${entry}'`,
    );
  // The third field is the SSH key.
  const machine = {
    uri: withScheme(uri),
    systems: field(1) === undefined ? [defaultSystem] : listOf(field(1)),
    maxJobs: number(3, integer, 'unsigned int'),
    speedFactor: fractions ? number(4, fraction, 'float') : number(4, integer, 'unsigned int'),
    supportedFeatures: listOf(field(5)),
    mandatoryFeatures: listOf(field(6)),
  };
  const hostKey = field(7);
  if (hostKey !== undefined && !base64.test(hostKey))
    throw new BadMachineError('invalid character in Base64 string');
  if (machine.speedFactor < 0) throw new BadMachineError('speed factor must be >= 0');
  return { ...machine, speedFactor: machine.speedFactor === 0 ? 1 : machine.speedFactor };
}

const integer = /^\d+$/;
const fraction = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const base64 = /^[A-Za-z0-9+/]*=*$/;

/** A name alone is that of a host; what names a store by itself stays as it is. */
function withScheme(uri: string): string {
  const namesStore = uri.includes('/') || /^(?:auto|daemon|local)(?:\?|$)|^\?/.test(uri);
  return namesStore ? uri : `ssh://${uri}`;
}

function listOf(field = ''): readonly string[] {
  return [...new Set(field.split(',').filter((element) => element !== ''))];
}
