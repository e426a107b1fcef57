import { findBuilders, lackingFeatures, maySubstitute } from '../check/builders.ts';
import { onOneLine } from '../check/unbuildable.ts';
import type { BuildConfiguration } from '../model/buildConfiguration.ts';
import type { Derivation } from '../model/derivation.ts';
import { code, listOf } from './editorMessages.ts';

/**
 * Where a derivation can be built, in Markdown.
 *
 * @param configuration undefined where Nix was not asked yet
 */
export function renderBuilders(
  derivation: Derivation,
  configuration: BuildConfiguration | undefined,
): string {
  if (!configuration) return derivation.builtin ? 'any machine' : `a machine for ${code(derivation.system)}`;
  const { kind, machines, reason } = findBuilders(derivation, configuration);
  const remote = machines.map(({ uri }) => code(uri));
  switch (kind) {
    case 'builtin':
      return 'any machine: Nix itself builds it';
    case 'local':
      return listOf(['this machine', ...remote]);
    case 'remote':
      return `${listOf(remote)}, not this machine`;
    case 'substituted':
      return `no machine that Nix knows of: only substituted. To build it, it would say: ${code(onOneLine(reason))}`;
    case 'none':
      return `no machine that Nix knows of. It would say: ${code(onOneLine(reason))}`;
  }
}

/**
 * What the settings and attributes do that people look at when something is
 * built elsewhere than they thought, or nowhere: sentences in Markdown.
 */
export function renderDecidingSettings(derivation: Derivation, configuration: BuildConfiguration): string[] {
  const { kind, machines } = findBuilders(derivation, configuration);
  const isBuilt = kind !== 'substituted' && kind !== 'none';
  const { preferLocalBuild, requiredSystemFeatures, builtin, system, fixedOutput } = derivation;
  const sentences: string[] = [];
  if (preferLocalBuild && !builtin) {
    if (kind !== 'local')
      sentences.push(
        `\`preferLocalBuild\` does not change where it can be built: it only chooses among those that are a ${code(system)}.`,
      );
    else if (machines.length > 0)
      sentences.push('`preferLocalBuild`: this machine is taken before the others.');
  }
  if (requiredSystemFeatures.length > 0) {
    const features = listOf(requiredSystemFeatures.map(code), 8);
    const lacking = lackingFeatures(derivation, configuration);
    sentences.push(
      lacking.length === 0
        ? `\`requiredSystemFeatures\` asks for ${features}, which this machine's \`system-features\` have.`
        : `\`requiredSystemFeatures\` asks for ${features}; this machine's \`system-features\` lack ${listOf(lacking.map(code), 8)}.`,
    );
  }
  if (configuration.maxJobs === 0) sentences.push('`max-jobs` is 0: nothing is built on this machine.');
  if (!derivation.allowSubstitutes && configuration.substitutes)
    sentences.push(
      maySubstitute(derivation, configuration)
        ? 'It says `allowSubstitutes = false`, which `always-allow-substitutes` overrules.'
        : 'It says `allowSubstitutes = false`: no substituter is asked for it, somebody has to build it.',
    );
  if (!isBuilt && configuration.fallback)
    sentences.push('`fallback` is of no use here: it builds only what somebody can build.');
  if (!isBuilt && fixedOutput)
    sentences.push(
      'Its content is fixed: once it is in the store, whoever fetched it, nobody has to build it.',
    );
  return sentences;
}
