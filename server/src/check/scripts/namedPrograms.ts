import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { storeDirOf } from '../../model/storePath.ts';
import { holdsFlags, namesProgram } from '../../shell/programVariables.ts';
import { WantedPaths } from '../../shell/wantedPaths.ts';
import { scriptsOf, type ScriptTexts } from './derivationScripts.ts';

/**
 * Does something of what a derivation's builder is given name a program of an
 * input by its path? A variable that only holds the path of a package does not,
 * unless another text goes on from there (`$tool/bin/x`). Where the .drv cannot
 * be read, it may.
 */
export function namesProgramOf(
  consumer: DerivationId,
  input: DerivationId,
  graph: DerivationGraph,
  texts: ScriptTexts,
): boolean {
  const script = texts.scriptOf(consumer);
  if (script === undefined) return true;
  // Derivations that differ by their fixed-output inputs alone have the same outputs.
  const paths = new Set(graph.derivation(input).outputs.map(({ path }) => path));
  const wanted = new WantedPaths(storeDirOf(graph.derivation(consumer).drvPath), (path) => paths.has(path));
  const ran = scriptsOf(script, texts.sourceText).map(({ text }) => text);
  const values = [...script.arguments, ...script.variables.values(), ...ran];
  if (values.some((value) => wanted.allIn(value).some(({ inner }) => /^\/(?:s?bin|libexec)\b/.test(inner))))
    return true;
  return [...script.variables].some(([name, value]) => {
    if (!wanted.isIn(value)) return false;
    if (holdsFlags(name) || namesProgram(name)) return true;
    const uses = [`$${name}/`, `\${${name}}/`, `@${name}@`];
    return values.some((text) => uses.some((use) => text.includes(use)));
  });
}
