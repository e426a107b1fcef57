import type { Derivation } from '../model/derivation.ts';
import type { BuildMachine } from '../session/parts.ts';
import { code, listOf } from './wording.ts';

/**
 * Where a derivation can be built, in Markdown (Nix source,
 * `derivation-building-goal.cc` and `build-remote.cc`: system and required
 * features must fit; a `builtin:` builder runs in Nix itself).
 *
 * @param machines undefined where Nix was not asked yet
 */
export function whereBuilt(derivation: Derivation, machines: readonly BuildMachine[] | undefined): string {
  if (derivation.builtin) return 'anywhere: Nix itself builds it';
  const features = derivation.requiredSystemFeatures;
  const needed = `${code(derivation.system)}${features.length > 0 ? ` with ${features.map(code).join(', ')}` : ''}`;
  if (!machines) return `a machine for ${needed}`;
  const able = machines.filter(
    (machine) =>
      machine.systems.includes(derivation.system) &&
      features.every((feature) => machine.features.includes(feature)),
  );
  if (able.length > 0) return listOf(able.map(({ name }) => name));
  const builders = machines.length > 1 ? 'none of its `builders` is one' : 'it has no `builders`';
  return `nowhere: this needs a machine for ${needed}; this one is not, and ${builders}`;
}
