import type { DerivationId } from '../../model/derivation.ts';
import { readUnpackHook } from '../../shell/unpackHooks.ts';
import type { ScriptTexts } from './derivationScripts.ts';
import { setupHooksOf } from './handedPrograms.ts';

/** A phase or a command of its own unpacks without hooks. */
const otherWays = ['buildCommand', 'unpackPhase', 'dontUnpack', 'unpackCmd'];

/**
 * The name of a source that the setup hook of a tool unpacks in the build of a
 * derivation with these variables (nixpkgs source, `setup.sh`, `unpackFile`);
 * undefined where there is none.
 */
export function unpackedSource(
  tool: DerivationId,
  variables: ReadonlyMap<string, string>,
  texts: Pick<ScriptTexts, 'scriptOf' | 'sourceText'>,
): string | undefined {
  if (otherWays.some((name) => (variables.get(name) ?? '') !== '')) return undefined;
  const endings = setupHooksOf(tool, texts).flatMap(
    (hook) => readUnpackHook(texts.sourceText(hook) ?? '')?.endings ?? [],
  );
  if (endings.length === 0) return undefined;
  return wordsOf(variables.get('src'))
    .concat(wordsOf(variables.get('srcs')))
    .map((path) => path.slice(path.lastIndexOf('/') + 1).replace(/^[0-9a-z]{32}-/, ''))
    .find((name) => endings.some((ending) => name.endsWith(ending)));
}

function wordsOf(value: string | undefined): string[] {
  return value?.split(/\s+/).filter((word) => word.startsWith('/')) ?? [];
}
