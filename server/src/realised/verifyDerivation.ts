import { compatibilitiesOf } from '../check/compatibilities.ts';
import type { DerivationId } from '../model/derivation.ts';
import { judgementContext } from '../model/judgementContext.ts';
import type { Report } from '../model/report.ts';
import type { System } from '../model/system.ts';
import type { Verification } from '../model/verification.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import { storeOfTarget, type TargetStore } from '../nix/storeOfTarget.ts';
import { verifyOutputs, type VerificationOptions } from './verifyOutputs.ts';

/** What whoever asks says of it. */
export type VerificationWishes = Pick<VerificationOptions, 'signal' | 'timeoutMs' | 'mostFiles'>;

/**
 * Verifies the outputs of a derivation of a report, in the store of its target.
 *
 * @param expect where the outputs have to run, if the person says so
 * @throws as {@link verifyOutputs}
 */
export async function verifyDerivation(
  { graph, leaks, request: { target } }: Report,
  derivation: DerivationId,
  expect: System | undefined,
  environment: NixEnvironment,
  wishes: VerificationWishes,
): Promise<Verification> {
  const { name } = graph.derivation(derivation);
  return verifyOutputs(
    { name, subject: { derivation }, graph, leaks, ...(expect !== undefined && { expect }) },
    verificationOptions(environment, storeOfTarget(target, environment), wishes),
  );
}

/** How what lies in a store is verified on this machine. */
export function verificationOptions(
  { nix, system, configuration }: NixEnvironment,
  { name, folder }: TargetStore,
  wishes: VerificationWishes,
): VerificationOptions {
  const { canRun } = compatibilitiesOf(judgementContext(configuration.builders));
  return { ...wishes, nix, localSystem: system, canRun, ...(folder !== '' && { elsewhere: name }) };
}
