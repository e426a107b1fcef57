import { findBuilders, kindsOfBuilders } from '../check/builders.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { BuildConfiguration } from '../model/buildConfiguration.ts';
import type { Derivation } from '../model/derivation.ts';

/** Who builds one derivation, as the command prints it. */
export interface JsonBuilders {
  readonly kind: 'builtin' | 'local' | 'remote' | 'substituted' | 'none';
  /** The stores of remote machines, e.g. `ssh://mac`. */
  readonly machines: readonly string[];
  /** Where nobody builds it, what Nix prints. */
  readonly reason: string;
}

/** Who builds a closure: the settings that decide, and how many derivations fall to whom. */
export interface JsonBuiltBy {
  readonly system: string;
  readonly extraPlatforms: readonly string[];
  readonly systemFeatures: readonly string[];
  readonly maxJobs: number;
  readonly machines: readonly {
    readonly uri: string;
    readonly systems: readonly string[];
    readonly maxJobs: number;
    readonly speedFactor: number;
    readonly supportedFeatures: readonly string[];
    readonly mandatoryFeatures: readonly string[];
  }[];
  /** What Nix says of `builders` where it cannot read it. */
  readonly machinesProblem?: string;
  readonly derivations: Readonly<Record<JsonBuilders['kind'], number>>;
}

export function buildersJson(derivation: Derivation, configuration: BuildConfiguration): JsonBuilders {
  const { kind, machines, reason } = findBuilders(derivation, configuration);
  return { kind, machines: machines.map(({ uri }) => uri), reason };
}

export function builtByJson(graph: DerivationGraph, configuration: BuildConfiguration): JsonBuiltBy {
  const { system, extraPlatforms, systemFeatures, maxJobs, machines, machinesProblem } = configuration;
  const derivations = { builtin: 0, local: 0, remote: 0, substituted: 0, none: 0 };
  const kindOf = kindsOfBuilders(configuration);
  for (let id = 0; id < graph.size; id++) derivations[kindOf(graph.derivation(id))] += 1;
  return {
    system,
    extraPlatforms,
    systemFeatures,
    maxJobs,
    machines,
    ...(machinesProblem === undefined ? {} : { machinesProblem }),
    derivations,
  };
}

/** E.g. `1,276 can be built here, 543 only substituted`; undefined where this machine builds all. */
export function builtByText({ derivations }: JsonBuiltBy, formatNumber: (count: number) => string) {
  const { builtin, local, remote, substituted, none } = derivations;
  if (remote + substituted + none === 0) return undefined;
  const parts = [
    [builtin + local, 'can be built here'],
    [remote, 'only on remote machines'],
    [substituted, 'only substituted'],
    [none, 'neither built nor substituted'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${formatNumber(count)} ${what}`)
    .join(', ');
}
