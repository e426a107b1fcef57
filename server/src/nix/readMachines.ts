import { largestSettings } from '../files/limits.ts';
import { readTextFile } from '../files/regularFile.ts';
import type { BuildConfiguration, BuildMachine } from '../model/buildConfiguration.ts';
import { machineEntries, trim, type EntryRules } from './machineEntries.ts';
import { BadMachineError, parseMachine, type MachineRules } from './parseMachine.ts';

export type MachinesRead = Pick<BuildConfiguration, 'machines' | 'machinesProblem' | 'unreadableMachines'>;

/** A machines file that names itself would be read for ever. */
const deepestFile = 16;

/** Reads the value of the setting `builders`, with the content of every `@FILE` in its place. */
export async function readMachines(
  builders: string,
  rules: MachineRules & { readonly entries: EntryRules },
): Promise<MachinesRead> {
  const unreadableMachines: string[] = [];
  const read = async (text: string, depth: number): Promise<BuildMachine[]> => {
    const machines: BuildMachine[] = [];
    for (const entry of machineEntries(text, rules.entries)) {
      if (!entry.startsWith('@')) {
        machines.push(parseMachine(entry, rules));
        continue;
      }
      const file = trim(entry.slice(1));
      if (depth === deepestFile)
        throw new BadMachineError(`the machines file '${file}' is included by itself`);
      const content = await readMachinesFile(file);
      if (content === undefined) unreadableMachines.push(file);
      else machines.push(...(await read(content, depth + 1)));
    }
    return machines;
  };
  try {
    return { machines: await read(builders, 0), unreadableMachines };
  } catch (error) {
    if (error instanceof BadMachineError)
      return { machines: [], machinesProblem: error.message, unreadableMachines };
    throw error;
  }
}

/** A file that is absent names no machine, as for Nix itself. Undefined where it may not be read from here. */
async function readMachinesFile(file: string): Promise<string | undefined> {
  try {
    return await readTextFile(file, largestSettings);
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isAbsent ? '' : undefined;
  }
}
