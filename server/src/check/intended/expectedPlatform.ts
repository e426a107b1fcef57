import type { Derivation } from '../../model/derivation.ts';
import type { DerivationFault, Severity } from '../../model/judgement.ts';
import type { System } from '../../model/system.ts';

/** `is built for x86_64-linux`, `is built on x86_64-linux for aarch64-linux`. */
export function describePlatforms({ system }: Derivation, host: System): string {
  return host === system ? `is built for ${host}` : `is built on ${system} for ${host}`;
}

/** What is wrong with a derivation that is for another platform than was meant. */
export function faultOf(
  { id }: Derivation,
  severity: Severity,
  needed: System,
  runsOn: System,
  explanation: string,
): DerivationFault {
  return { derivation: id, rule: 'expected-platform', severity, needs: [needed], runsOn, explanation };
}
