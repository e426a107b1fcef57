import type { JudgementContext } from '../model/judgementContext.ts';
import { runsOn, type Compatibility, type System } from '../model/system.ts';

/** Who runs what, each pair of systems looked up once. */
export interface Compatibilities {
  /** How a machine of the second system copes with what runs on the first. */
  readonly of: (host: System, machine: System) => Compatibility;
  /** Can what runs on the first system run on a machine of the second, emulated or not? */
  readonly canRun: (host: System, machine: System) => boolean;
}

export function compatibilitiesOf(context: JudgementContext): Compatibilities {
  const known = new Map<System, Map<System, Compatibility>>();
  const of = (host: System, machine: System): Compatibility => {
    if (host === machine) return 'native';
    let machines = known.get(host);
    if (machines === undefined) known.set(host, (machines = new Map<System, Compatibility>()));
    let answer = machines.get(machine);
    if (answer === undefined) {
      const extra = machine === context.localSystem ? context.extraPlatforms : [];
      machines.set(machine, (answer = runsOn(host, machine, extra)));
    }
    return answer;
  };
  return { of, canRun: (host, machine) => of(host, machine) !== 'no' };
}
