import { wantedVariables } from '../../derivation/variables.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { Destinations } from '../../shell/destinations.ts';
import { holdsFlags } from '../../shell/programVariables.ts';
import type { ShellParser } from '../../shell/shellParser.ts';
import type { WantedPaths } from '../../shell/wantedPaths.ts';
import { walkScript } from '../../shell/walkScript.ts';
import { scriptsOf, wantedPathsOf, type ScriptTexts } from './derivationScripts.ts';
import { isWritten } from './writtenTexts.ts';

/**
 * Does what a derivation writes get to where its closure's outputs run? A
 * package does. Of a text or a script that a build command writes it is only
 * known where it is the root, or where another derivation takes it into a text,
 * an environment or a file that it installs; it may as well be there for builds.
 */
export function isKept(
  id: DerivationId,
  graph: DerivationGraph,
  texts: ScriptTexts,
  parser: ShellParser,
): boolean {
  if (id === graph.root) return true;
  const script = texts.scriptOf(id);
  if (script === undefined || !isWritten(script)) return true;
  const wanted = wantedPathsOf(new Set([id]), graph);
  return [...graph.consumerIds(id)].some((consumer) => keeps(consumer, wanted, graph, texts, parser));
}

/**
 * Is nothing of what a variable names written into an output? It says what
 * outputs may refer to (Nix manual, "Advanced Attributes"), what the source is
 * changed by, or what builds source that have the package as an input.
 */
function isForBuild(name: string): boolean {
  return /^(?:(?:dis)?allowed(?:References|Requisites)|outputChecks|\w*[pP]atches|setupHooks?)$/.test(name);
}

function keeps(
  consumer: DerivationId,
  wanted: WantedPaths,
  graph: DerivationGraph,
  texts: ScriptTexts,
  parser: ShellParser,
): boolean {
  const script = texts.scriptOf(consumer);
  if (script === undefined) return false;
  const scripts = scriptsOf(script, texts.sourceText);
  const isScript = new Set(scripts.map(({ variable }) => variable));
  // Flags and phases that use such a variable tell for what it is there.
  const paths = new Map<string, readonly string[]>();
  for (const [name, value] of script.variables) {
    if (wantedVariables.has(name) || isScript.has(name) || holdsFlags(name) || isForBuild(name)) continue;
    if (!isWritten(script) && wanted.atStartOf(value)?.storePath === value) {
      paths.set(name, [value]);
      continue;
    }
    if (wanted.isIn(value)) return true;
  }
  const isNamed = (text: string): boolean =>
    wanted.isIn(text) ||
    [...paths.keys()].some((name) => text.includes(`$${name}`) || text.includes(`{${name}}`));
  const isUsed = [...script.variables].some(
    ([name, value]) => (isScript.has(name) || holdsFlags(name)) && isNamed(value),
  );
  if (paths.size > 0 && !isUsed) return true;
  const destinations = new Destinations(graph.derivation(consumer).outputs);
  let found = false;
  for (const { text } of scripts) {
    if (!isNamed(text)) continue;
    walkScript(text, parser, new Map(paths), {
      command({ words, writesTo, input }) {
        const values = words.map((word) => word.values);
        const installs = [writesTo, ...values].some((files) => destinations.areInstalled(files));
        found ||= installs && [...values, input?.values ?? []].flat().some((value) => wanted.isIn(value));
      },
      assignment: () => undefined,
    });
  }
  return found;
}
