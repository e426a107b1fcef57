import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { tripleBeforeName } from '../../derivation/triples.ts';
import type { Derivation } from '../../model/derivation.ts';
import type { ScriptUse } from '../../model/judgement.ts';
import { ShownLines } from '../../shell/buildUses.ts';
import { holdsFlags } from '../../shell/programVariables.ts';
import type { CrossBuild } from './crossBuilds.ts';
import { wantedPathsOf } from './derivationScripts.ts';

const bareProgram =
  /^\/bin\/(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|cpp|ld|ar|as|nm|ranlib|strip|objcopy|objdump|readelf)$/;

/** A place that names a compiler by a name that it does not have. */
export interface UnprefixedCompiler extends ScriptUse {
  /** `gcc-wrapper/bin/cc`, without the folder of the store. */
  readonly program: string;
}

/**
 * Finds where phases and flags name `${stdenv.cc}/bin/cc`: a compiler that makes
 * code for another platform has it as `<platform>-cc` only.
 */
export function findUnprefixedCompilers(
  { derivation, script, scripts }: CrossBuild,
  graph: DerivationGraph,
): UnprefixedCompiler[] {
  const compilers = graph.inputIds(derivation.id).filter((id) => isPrefixedWrapper(graph.derivation(id)));
  if (compilers.length === 0) return [];
  const wanted = wantedPathsOf(new Set(compilers), graph);
  const flags = [...script.variables]
    .filter(([name]) => holdsFlags(name))
    .map(([variable, text]) => ({ variable, text }));
  return [...scripts, ...flags].flatMap(({ variable, text }) => {
    const lines = new ShownLines(text);
    return text.split('\n').flatMap((line, index) =>
      wanted
        .allIn(line)
        .filter(({ inner }) => bareProgram.test(inner))
        .filter(({ storePath, inner }) => !isLookedFor(line, storePath + inner))
        .map(({ storePath, inner }) => ({
          program: storePath.slice(storePath.indexOf('-') + 1) + inner,
          variable,
          line: index + 1,
          text: lines.at(index + 1),
        })),
    );
  });
}

/** Does a line only look for a path, to have something else in its place: `--replace ${stdenv.cc}/bin/ld ld`, `s|…|ld|`? */
function isLookedFor(line: string, path: string): boolean {
  const before = line.slice(0, line.indexOf(path));
  return /--replace(?:-fail|-warn|-quiet)?\s+["']?$/.test(before) || /\bs([|,@#!^])["']?$/.test(before);
}

/** A wrapper of a compiler whose programs all have a platform before their names (nixpkgs source, `cc-wrapper`, `targetPrefix`). */
function isPrefixedWrapper({ name, target }: Derivation): boolean {
  return target !== undefined && tripleBeforeName(name) !== undefined && /\bwrapper\b/.test(name);
}
