import type { BuildScript } from '../../derivation/buildScript.ts';
import type { DerivationFault } from '../../model/judgement.ts';
import { findOwnPrograms } from '../../shell/ownPrograms.ts';
import type { ShellParser } from '../../shell/shellParser.ts';
import type { CrossBuild } from './crossBuilds.ts';

/** At most so many places of one fault are kept. */
const maximumUses = 5;

/**
 * Finds where a cross-compiled derivation starts what it has just installed,
 * such as `$out/bin/x completion bash`: that is for the host platform. nixpkgs
 * guards such lines by `stdenv.buildPlatform.canExecute stdenv.hostPlatform`.
 */
export function findStartedOwnProgram(
  { derivation: { id, name, system, outputs }, host, script, scripts }: CrossBuild,
  parser: ShellParser,
): DerivationFault | undefined {
  const names = outputs.map((output) => output.name);
  const uses = findOwnPrograms(scripts, names, parser);
  const [use] = uses;
  if (use === undefined) return undefined;
  return {
    derivation: id,
    rule: 'own-program',
    severity: makesPrograms(script) ? 'warning' : 'info',
    needs: [system],
    runsOn: host,
    explanation:
      `${name} is built on ${system} for ${host}, and ${use.variable} starts ${use.program}, which it has made for ${host}: ` +
      `leave it out where ${system} cannot run it (stdenv.buildPlatform.canExecute stdenv.hostPlatform), ` +
      'or start the same package of buildPackages',
    scriptUses: uses
      .slice(0, maximumUses)
      .map(({ variable, line, text, program: word }) => ({ variable, line, text, word })),
  };
}

/** Compiled for certain are programs in Go and in Rust; what others install may be scripts. */
function makesPrograms({ variables }: BuildScript): boolean {
  return ['GOARCH', 'goModules', 'cargoDeps'].some((name) => (variables.get(name) ?? '') !== '');
}
