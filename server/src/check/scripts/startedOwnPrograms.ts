import type { BuildScript } from '../../derivation/buildScript.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationFault } from '../../model/judgement.ts';
import { findOwnPrograms } from '../../shell/ownPrograms.ts';
import type { ShellParser } from '../../shell/shellParser.ts';
import type { Compatibilities } from '../compatibilities.ts';
import { crossHost } from '../hostSystems.ts';
import { scriptsOf, type ScriptTexts } from './derivationScripts.ts';

/** At most so many places of one fault are kept. */
const maximumUses = 5;

/**
 * Finds where a cross-compiled derivation starts what it has just installed,
 * such as `$out/bin/x completion bash`: that is for the host platform. nixpkgs
 * guards such lines by `stdenv.buildPlatform.canExecute stdenv.hostPlatform`.
 */
export function findStartedOwnProgram(
  consumer: DerivationId,
  graph: DerivationGraph,
  compatibilities: Compatibilities,
  texts: ScriptTexts,
  parser: ShellParser,
): DerivationFault | undefined {
  const { name, system, outputs } = graph.derivation(consumer);
  const host = crossHost(graph.derivation(consumer));
  const script = texts.scriptOf(consumer);
  if (host === undefined || script === undefined || compatibilities.canRun(host, system)) return undefined;
  const names = outputs.map((output) => output.name);
  const uses = findOwnPrograms(scriptsOf(script, texts.sourceText), names, parser);
  const [use] = uses;
  if (use === undefined) return undefined;
  return {
    derivation: consumer,
    rule: 'own-program',
    severity: makesPrograms(script) ? 'warning' : 'info',
    needs: [system],
    runsOn: host,
    explanation:
      `${name} is built on ${system} for ${host}, and ${use.variable} starts ${use.program}, which it has made for ${host}: ` +
      'only a build that can run what it makes may do so (stdenv.buildPlatform.canExecute stdenv.hostPlatform), ' +
      'another one takes the same package of buildPackages',
    scriptUses: uses.slice(0, maximumUses).map(({ variable, line, text }) => ({ variable, line, text })),
  };
}

/** Compiled for certain are programs in Go and in Rust; what others install may be scripts. */
function makesPrograms({ variables }: BuildScript): boolean {
  return ['GOARCH', 'goModules', 'cargoDeps'].some((name) => (variables.get(name) ?? '') !== '');
}
