import type { BuildScript } from '../../derivation/buildScript.ts';
import type { Derivation, DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { System } from '../../model/system.ts';
import type { Script } from '../../shell/buildUses.ts';
import type { Compatibilities } from '../compatibilities.ts';
import { crossHost } from '../hostSystems.ts';
import { scriptsOf, type ScriptTexts } from './derivationScripts.ts';

/** A derivation that is made for a platform whose programs do not run where it is built. */
export interface CrossBuild {
  readonly derivation: Derivation;
  readonly host: System;
  readonly script: BuildScript;
  /** What its builder runs. */
  readonly scripts: readonly Script[];
}

/** Undefined where a derivation is none, or where it cannot be read. */
export function crossBuildOf(
  id: DerivationId,
  graph: DerivationGraph,
  { canRun }: Compatibilities,
  texts: ScriptTexts,
): CrossBuild | undefined {
  const derivation = graph.derivation(id);
  const host = crossHost(derivation);
  if (host === undefined || canRun(host, derivation.system)) return undefined;
  const script = texts.scriptOf(id);
  return script && { derivation, host, script, scripts: scriptsOf(script, texts.sourceText) };
}
