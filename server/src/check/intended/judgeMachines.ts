import type { VariablesOf } from '../../derivation/buildScript.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { splitAttributePath } from '../../model/attributePath.ts';
import type { Derivation, DerivationId } from '../../model/derivation.ts';
import type { DerivationFault } from '../../model/judgement.ts';
import { perStep, type Steps } from '../../model/slices.ts';
import { parseSystem, type System } from '../../model/system.ts';
import type { EvaluationTarget } from '../../model/target.ts';
import { likelyHost } from '../hostSystems.ts';
import { describePlatforms, faultOf } from './expectedPlatform.ts';

type MachineKernel = 'linux' | 'darwin';

/**
 * Judges every system of NixOS and nix-darwin in a closure: deployed ones, and
 * those in disk images and virtual machines. What makes such an image runs where
 * it is built; only the system in it counts.
 */
export function* judgeMachines(
  graph: DerivationGraph,
  target: EvaluationTarget,
  variablesOf: VariablesOf,
): Steps<DerivationFault[]> {
  const faults: DerivationFault[] = [];
  for (let id: DerivationId = 0; id < graph.size; id++) {
    if (id % perStep === 0) yield;
    const derivation = graph.derivation(id);
    const ofTarget = id === graph.root ? kernelOfTarget(target) : undefined;
    const kernel = ofTarget ?? kernelOfName(derivation);
    const host = kernel && likelyHost(derivation);
    if (kernel === undefined || host === undefined || parseSystem(host).kernel === kernel) continue;
    // Both kinds of system have the script that makes them the running one; what is only called so has not.
    if (ofTarget === undefined && !variablesOf(id)?.has('activationScript')) continue;
    faults.push(kernelFault(derivation, host, kernel));
  }
  return faults;
}

/** What NixOS and nix-darwin call their `system.build.toplevel`. */
function kernelOfName({ name }: Derivation): MachineKernel | undefined {
  if (name.startsWith('nixos-system-')) return 'linux';
  return name.startsWith('darwin-system-') ? 'darwin' : undefined;
}

/** The fault of a NixOS or nix-darwin system that is made for another kernel. */
function kernelFault(system: Derivation, host: System, kernel: MachineKernel): DerivationFault {
  const needed = `${parseSystem(host).processor}-${kernel}`;
  const kind = kernel === 'linux' ? 'NixOS' : 'nix-darwin';
  const name = kernel === 'linux' ? 'Linux' : 'macOS';
  return faultOf(
    system,
    host === system.system ? 'error' : 'warning',
    needed,
    host,
    `${system.name} ${describePlatforms(system, host)}, but a ${kind} system runs on ${name} only: tell its ` +
      `configuration the machine's system (\`nixpkgs.hostPlatform = "${needed}"\`, before 22.11 ` +
      `\`nixpkgs.localSystem.system\`) or pass \`system\` to what evaluates it`,
  );
}

/** The kernel of the machine that a target is the configuration of; undefined where it is none. */
function kernelOfTarget(target: EvaluationTarget): MachineKernel | undefined {
  if (target.kind === 'composed') {
    const { composition } = target;
    if (composition === 'darwin') return 'darwin';
    return ['nixos', 'nixops', 'colmena'].includes(composition) ? 'linux' : undefined;
  }
  if (target.kind !== 'flake') return undefined;
  const [kind, ...names] = splitAttributePath(target.attribute.replace(/^\./, ''));
  // Anything deeper is a part of the configuration: a runner of its virtual machine runs elsewhere.
  const isWhole = names.length === (kind === 'colmenaHive' ? 2 : 1);
  if (!isWhole) return undefined;
  if (kind === 'darwinConfigurations') return 'darwin';
  return kind === 'nixosConfigurations' || kind === 'colmena' || kind === 'colmenaHive' ? 'linux' : undefined;
}
