import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { isOtherForGo } from '../../derivation/goPlatforms.ts';
import type { System } from '../../model/system.ts';
import type { PathInStore } from '../../shell/wantedPaths.ts';
import { isForTarget } from '../excuses/buildOutputs.ts';
import type { ScriptTexts } from './derivationScripts.ts';
import { isSubstituted } from './writtenTexts.ts';

/**
 * Some programs of a package for the host platform do run on the build platform:
 * - scripts of an output for developers, whose interpreter nixpkgs takes from
 *   there (nixpkgs source, `patch-shebangs.sh`, `patchShebangsAuto`);
 * - `…-config`, which prints flags: it has to be that of the host package;
 * - scripts that were only written, and that name nothing of the host platform.
 */
export function runsAnywhere(
  { storePath, inner }: PathInStore,
  graph: DerivationGraph,
  texts: Pick<ScriptTexts, 'scriptOf'>,
): boolean {
  const id = graph.findByOutputPath(storePath);
  if (id === undefined) return true;
  const output = graph.derivation(id).outputs.find(({ path }) => path === storePath);
  if (output?.name === 'dev' && inner !== '' && !compiledTools.has(basename(inner))) return true;
  if (inner.endsWith('-config') && !inner.endsWith('/pkg-config')) return true;
  return isPortableText(id, inner === '', graph, texts, 0, new Set());
}

/**
 * Is it a text that `writeText`, `writeScript`, `replaceVars` or one of their kind wrote, and
 * that names nothing of another platform than its own build platform? That is
 * read and run wherever it is built, whatever its package set is for.
 */
export function isPortableFile(
  id: DerivationId,
  graph: DerivationGraph,
  texts: Pick<ScriptTexts, 'scriptOf'>,
): boolean {
  const script = texts.scriptOf(id);
  const isSource = script !== undefined && isSubstituted(script);
  if (!isSource && script?.variables.get('buildCommand')?.includes('$textPath') !== true) return false;
  return isPortableText(id, isSource, graph, texts, 0, new Set());
}

/** Programs in outputs for developers that are compiled all the same. */
const compiledTools: ReadonlySet<string> = new Set([
  'glib-compile-resources',
  'glib-compile-schemas',
  'gio-querymodules',
  'moc',
  'qmake',
  'rcc',
  'uic',
]);

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Scripts that wrap scripts that wrap scripts. */
const maximumDepth = 4;

/**
 * Does a derivation write texts only that name no program which was compiled
 * for elsewhere? Known of build commands that compile nothing, and taken for
 * granted of outputs that are a single file.
 */
function isPortableText(
  id: DerivationId,
  isFile: boolean,
  graph: DerivationGraph,
  texts: Pick<ScriptTexts, 'scriptOf'>,
  depth: number,
  seen: Set<DerivationId>,
): boolean {
  // One that is not portable has ended it already.
  if (seen.has(id)) return true;
  seen.add(id);
  const variables = texts.scriptOf(id)?.variables;
  const command = variables?.get('buildCommand') ?? '';
  if (depth > maximumDepth || (isFile ? variables === undefined : command === '') || compiles(command))
    return false;
  const build = graph.system(id);
  return [...graph.inputIds(id)].every((input) => {
    const { host } = graph.derivation(input);
    if (host.kind === 'neutral' || host.system === build || host.certainty === 'assumed') return true;
    return isPortableText(input, false, graph, texts, depth + 1, seen);
  });
}

/**
 * Is what runs on the build platform by its stdenv made for another machine all
 * the same? So does Go (nixpkgs source, `go-modules/generic`).
 */
export function isMadeForElsewhere(
  id: DerivationId,
  texts: Pick<ScriptTexts, 'scriptOf'>,
  build: System,
): boolean {
  const variables = texts.scriptOf(id)?.variables;
  return isOtherForGo(variables?.get('GOARCH'), variables?.get('GOOS'), build);
}

/** Does a path belong to what a compiler gives its products? */
export function isTargetLibrary(storePath: string, graph: DerivationGraph): boolean {
  const id = graph.findByOutputPath(storePath);
  if (id === undefined) return false;
  const compiler = graph.derivation(id);
  const output = compiler.outputs.find(({ path }) => path === storePath);
  return output !== undefined && isForTarget(compiler, [output.name]);
}

function compiles(command: string): boolean {
  return /\$\{?(?:CC|CXX)\b|(?:^|[\s;&|(])(?:cc|gcc|g\+\+|clang|make|cargo|go|rustc|ghc)\s/m.test(command);
}
