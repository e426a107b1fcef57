import type { TargetsResult } from '../protocol.ts';
import type { Snapshot } from '../session/snapshot.ts';
import { offeredSystems } from '../session/systems.ts';

/** The targets request: what the pickers offer. */
export function targetItems(snapshot: Snapshot): TargetsResult {
  const { targets = [], activeTarget, evaluateAs, evaluated } = snapshot;
  const others = [
    ...(evaluateAs === undefined ? [] : [evaluateAs]),
    ...(evaluated?.report.judgement.bySystem.keys() ?? []),
  ];
  const problem = targets.length > 0 ? undefined : problemOf(snapshot);
  return {
    targets: targets.map(({ key, label, description }) => ({
      key,
      label,
      description,
      active: key === activeTarget?.key,
    })),
    systems: offeredSystems(others),
    ...(evaluateAs !== undefined && { evaluateAs }),
    ...(problem !== undefined && { problem }),
  };
}

function problemOf({ trusted, failure }: Snapshot): string {
  if (!trusted) return 'This workspace is not trusted. Trust it to look for evaluation targets.';
  if (failure?.nixUnavailable) return failure.errors[0]?.message ?? 'Nix was not found.';
  return (
    'No evaluation target was found. Open a default.nix, release.nix, shell.nix or flake.nix, ' +
    'or name a target in the setting nixPlatformLens.targets.'
  );
}
