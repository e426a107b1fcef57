import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationFault } from '../../model/judgement.ts';
import type { System } from '../../model/system.ts';
import { findCompilersInFiles } from '../../shell/buildFiles.ts';
import { findCompilerUses, type CompilerUse } from '../../shell/compilerUses.ts';
import type { ShellParser } from '../../shell/shellParser.ts';
import type { Compatibilities } from '../compatibilities.ts';
import { propagatedRoles, toolName } from '../excuses/toolsAtHand.ts';
import { crossHost } from '../hostSystems.ts';
import { findUnprefixedCompilers } from './unprefixedCompilers.ts';
import type { CrossBuild } from './crossBuilds.ts';
import type { ScriptTexts } from './derivationScripts.ts';
import { hasNatively } from './programs.ts';
import { buildFilesRead } from './startedInSource.ts';

/** Compilers that say nothing of the platform that they make code for. */
const otherCompilers = /^(?:gcc|clang|tcc|zig|musl|llvm|.*(?:gcc|clang|cc)-wrapper)$/;

/** At most so many places of one fault are kept. */
const maximumUses = 5;

/**
 * Finds what a cross-compiled derivation lacks to make programs that its own
 * build starts: a compiler for the build platform stands in `depsBuildBuild`
 * (nixpkgs manual, "Cross-compilation", "Specifying dependencies"), and only
 * there `gcc` has a name without a prefix (nixpkgs source, `cc-wrapper`).
 */
export function findMissingCompiler(
  build: CrossBuild,
  graph: DerivationGraph,
  compatibilities: Compatibilities,
  texts: ScriptTexts,
  parser: ShellParser,
): DerivationFault | undefined {
  const { derivation, host, script, scripts } = build;
  const { id, name, system } = derivation;
  const inScripts = findCompilerUses(scripts, script.variables, parser);
  const inSource = findCompilersInFiles(buildFilesRead(script.variables, texts));
  const uses: CompilerUse[] = [
    ...inScripts.filter(({ kind, needed }) => kind !== 'started' || !hasNatively(needed, id, graph, texts)),
    ...inSource.map((place): CompilerUse => ({
      kind: 'source',
      needed: place.variable,
      isStarted: true,
      ...place,
    })),
    ...findUnprefixedCompilers(build, graph).map(({ program, ...place }): CompilerUse => ({
      kind: 'prefixed',
      needed: program,
      isStarted: true,
      ...place,
    })),
  ];
  // These are wrong with a compiler for the build platform as well.
  const certain = uses.filter(({ kind }) => kind === 'made' || kind === 'prefixed');
  const mayBeRight = uses.length > certain.length && hasBuildCompiler(id, graph, compatibilities);
  const lacking = mayBeRight ? certain : uses;
  const use = lacking.find(({ isStarted }) => isStarted) ?? lacking[0];
  if (use === undefined) return undefined;
  return {
    derivation: id,
    rule: 'missing-compiler',
    // Whether what a flag names is ever started, its source says.
    severity: use.isStarted ? 'warning' : 'info',
    needs: [system],
    runsOn: host,
    explanation: `${name} is built on ${system} for ${host}, and ${reasonOf(use, system, host)}`,
    scriptUses: lacking
      .slice(0, maximumUses)
      .map(({ variable, line, text, needed: word }) => ({ variable, line, text, word })),
  };
}

function reasonOf({ kind, needed, variable }: CompilerUse, build: System, host: System): string {
  const remedy = `a compiler for ${build} belongs into depsBuildBuild`;
  switch (kind) {
    case 'started':
      return `${variable} starts ${needed}, which is not there: what makes code for ${host} is $CC and its kin, and ${remedy}`;
    case 'named':
      return `${variable} has ${needed}, which is not there: what makes code for ${host} is $CC and its kin, and ${remedy}`;
    case 'unset':
      return `${variable} uses $${needed}, which nothing sets: ${remedy}`;
    case 'crates':
      return `${variable} has cargo build crates, which links what runs during the build with cc, and there is none: ${remedy}`;
    case 'kernel':
      return `${variable} has ${needed} and no HOSTCC, which is gcc then, and that is not there: ${remedy}`;
    case 'source':
      return `${needed} compiles what the build starts: ${remedy}`;
    case 'prefixed':
      return `${variable} has ${needed}, which is not there: a compiler for ${host} has that platform before its programs' names, as $CC says`;
    case 'made':
    case 'target':
      return `${variable} starts ${needed}, which was made for ${host}: what a build starts is made by $CC_FOR_BUILD, and ${remedy}`;
  }
}

/** Has a derivation a compiler that makes code for its own build platform, or sets up cargo for two? */
function hasBuildCompiler(
  consumer: DerivationId,
  graph: DerivationGraph,
  { canRun }: Compatibilities,
): boolean {
  const build = graph.system(consumer);
  const seen = new Set<DerivationId>();
  const pending = graph.inputs(consumer).filter(({ roles }) => !roles.includes('stdenv'));
  for (const { input } of pending) {
    if (seen.has(input)) continue;
    seen.add(input);
    const derivation = graph.derivation(input);
    if (crossHost(derivation) === undefined) {
      const { target } = derivation;
      if (target !== undefined ? canRun(target.system, build) : otherCompilers.test(toolName(derivation)))
        return true;
      if (/\bcargo-(?:setup|build)-hook\b/.test(derivation.name)) return true;
    }
    pending.push(
      ...graph.inputs(input).filter(({ roles }) => roles.some((role) => propagatedRoles.has(role))),
    );
  }
  return false;
}
