import type { BuildScript } from '../../derivation/buildScript.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { storeDirOf } from '../../model/storePath.ts';
import type { BuildFile } from '../../shell/buildFiles.ts';
import type { Script } from '../../shell/buildUses.ts';
import { phaseScripts } from '../../shell/phases.ts';
import { WantedPaths } from '../../shell/wantedPaths.ts';

/** What is read of derivations to judge their scripts. */
export interface ScriptTexts {
  /** Undefined where its .drv cannot be read. */
  readonly scriptOf: (id: DerivationId) => BuildScript | undefined;
  /** The text of a file in the store that is no output; undefined where it cannot be read. */
  readonly sourceText: (path: string) => string | undefined;
  /** The build files of a source that is a folder in the store; none of another one. */
  readonly buildFilesOf: (sourcePath: string) => readonly BuildFile[];
  /** The names of the programs that lie in an output; none where it is not in the store. */
  readonly programsAt: (outputPath: string) => readonly string[];
}

/** Finds the outputs of some derivations in texts. */
export function wantedPathsOf(inputs: ReadonlySet<DerivationId>, graph: DerivationGraph): WantedPaths {
  const storeDir = storeDirOf(graph.derivation(graph.root).drvPath);
  return new WantedPaths(storeDir, (path) => inputs.has(graph.findByOutputPath(path) ?? -1));
}

/** The text that a builder is told to run; undefined where it cannot be read. */
function ownText(
  args: readonly string[],
  sourceText: (path: string) => string | undefined,
): string | undefined {
  const inline = args.findIndex((argument) => /^-[a-z]*c$/.test(argument));
  const file = args.findLast((argument) => argument.startsWith('/'));
  return inline >= 0 ? args[inline + 1] : file === undefined ? undefined : sourceText(file);
}

/**
 * Does a builder run in the environment that the derivation's variables make,
 * `PATH` included? The setup script of nixpkgs makes one of its own.
 */
export function keepsEnvironment(
  { arguments: args, variables }: BuildScript,
  sourceText: (path: string) => string | undefined,
): boolean {
  const text = ownText(args, sourceText);
  if (text === undefined) return (variables.get('stdenv') ?? '') === '';
  return !/\/setup\b|\bgenericBuild\b/.test(text);
}

/** The builder's own text, and what it runs of the derivation's variables. */
export function scriptsOf(
  { arguments: args, variables }: BuildScript,
  sourceText: (path: string) => string | undefined,
): Script[] {
  const text = ownText(args, sourceText);
  const runsPhases = text === undefined || /\bgenericBuild\b/.test(text);
  const own = text === undefined ? [] : [{ variable: 'builder', text }];
  return withEvaluated([...own, ...phaseScripts(variables, runsPhases)], variables);
}

/** Scripts with the variables that they have bash evaluate: `eval "$postBuild"`, `runHook postBuild`. */
function withEvaluated(scripts: readonly Script[], variables: ReadonlyMap<string, string>): Script[] {
  const all = new Map(scripts.map((script) => [script.variable, script]));
  for (const { text } of all.values()) {
    for (const [, evaluated, hook] of text.matchAll(/\beval\s+"?\$\{?(\w+)|\brunHook\s+"?(\w+)/g)) {
      const variable = evaluated ?? hook ?? '';
      const script = variables.get(variable) ?? '';
      if (script.trim() !== '' && !all.has(variable)) all.set(variable, { variable, text: script });
    }
  }
  return [...all.values()];
}
