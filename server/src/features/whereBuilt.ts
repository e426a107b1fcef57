import { findBuilders, type BuildConfiguration } from '../check/builders.ts';
import type { Derivation } from '../model/derivation.ts';
import { code, listOf } from './wording.ts';

/**
 * Where a derivation can be built, in Markdown.
 *
 * @param configuration undefined where Nix was not asked yet
 */
export function whereBuilt(derivation: Derivation, configuration: BuildConfiguration | undefined): string {
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
    case 'none':
      return `no machine that Nix knows of. It would say: ${code(reason)}`;
  }
}
