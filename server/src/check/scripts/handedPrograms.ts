import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { nativeNames } from '../excuses/toolsAtHand.ts';
import type { ScriptTexts } from './derivationScripts.ts';

/**
 * Does the setup hook of a tool tell a consumer's build which of its programs to
 * start? nixpkgs' protobuf has done so for CMake since 2025: from `buildInputs`,
 * with the path of the `protoc` for the build platform.
 */
export function isHanded(
  { tool, consumer }: { readonly tool: DerivationId; readonly consumer: DerivationId },
  programs: ReadonlySet<string>,
  graph: DerivationGraph,
  texts: Pick<ScriptTexts, 'scriptOf' | 'sourceText'>,
): boolean {
  const text = setupHooksOf(tool, texts)
    .map((hook) => texts.sourceText(hook) ?? '')
    .join('\n');
  if (![...programs].some((program) => text.includes(`/bin/${program}`))) return false;
  return !/\bcmakeFlags(?:Array)?\b/.test(text) || nativeNames(graph, consumer).has('cmake');
}

/** The files that a package has for its setup hooks (nixpkgs source, `setup.sh`). */
export function setupHooksOf(id: DerivationId, texts: Pick<ScriptTexts, 'scriptOf'>): string[] {
  const variables = texts.scriptOf(id)?.variables;
  return ['setupHook', 'setupHooks'].flatMap(
    (name) =>
      variables
        ?.get(name)
        ?.split(/\s+/)
        .filter((word) => word.startsWith('/')) ?? [],
  );
}
