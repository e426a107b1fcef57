import type { Derivation, HostPlatform, InputEdge, TargetPlatform } from '../model/derivation.ts';
import type { EvaluatedPlatforms } from '../model/derivationGraph.ts';

/**
 * A derivation with the platforms of the `stdenv` that it was made with. They
 * count only where that `stdenv` is for the machine that builds it: otherwise
 * somebody else chose its `system`, and so perhaps its host platform.
 */
export function withEvaluated(
  derivation: Derivation,
  evaluated: EvaluatedPlatforms,
  inputs: readonly InputEdge[],
): Derivation {
  if (evaluated.build !== derivation.system) return derivation;
  const target = targetOf(derivation, evaluated, inputs);
  return { ...derivation, host: hostOf(derivation.host, evaluated), ...(target && { target }) };
}

/**
 * What the .drv says for certain and what was evaluated were the same in every
 * closure that was compared. Where they are not, the derivation was changed
 * behind the back of its `stdenv`, and what it says of itself counts.
 */
function hostOf(host: HostPlatform, { host: system }: EvaluatedPlatforms): HostPlatform {
  if (host.kind === 'neutral') return host;
  if (host.certainty !== 'assumed' && host.system !== system) return host;
  return { kind: 'system', system, certainty: 'evaluated' };
}

/**
 * Every `stdenv` has a target platform, and what is no compiler has nothing of
 * it: so only what says that it is one, or has inputs for a target platform.
 */
function targetOf(
  { target }: Derivation,
  { target: system }: EvaluatedPlatforms,
  inputs: readonly InputEdge[],
): TargetPlatform | undefined {
  if (system === undefined) return target;
  const agrees = target === undefined ? inputs.some(isForTarget) : target.system === system;
  return agrees ? { system, certainty: 'evaluated' } : target;
}

function isForTarget({ roles }: InputEdge): boolean {
  return roles.includes('depsTargetTarget') || roles.includes('depsTargetTargetPropagated');
}
