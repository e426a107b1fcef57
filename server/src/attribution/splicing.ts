import { hostOrBuild } from '../check/hostSystems.ts';
import type { Origin } from '../model/report.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Leak, RuleId } from '../model/judgement.ts';
import type { System } from '../model/system.ts';
import { describeText, type TracedCause } from './describeCause.ts';

/**
 * Under cross-compilation an input may come from the right set and still run on
 * the wrong platform: `nativeBuildInputs` takes the spliced twin of a package,
 * which only arguments of callPackage have (nixpkgs manual, "Cross-compilation",
 * "Implementation of dependencies").
 */
export function isOfSplicing(leak: Leak, graph: DerivationGraph): boolean {
  const { host, system } = graph.derivation(leak.input);
  if (host.kind !== 'system' || leak.edges.length === 0) return false;
  // Another build platform is another mistake.
  if (leak.edges.some(({ consumer }) => graph.system(consumer) !== system)) return false;
  // So is one among packages none of which is cross-compiled.
  const isCross = (id: DerivationId): boolean => hostOrBuild(graph.derivation(id)) !== graph.system(id);
  return leak.edges.some(({ consumer, input }) => isCross(consumer) || isCross(input));
}

/**
 * The cause of a leak that {@link isOfSplicing}. Undefined where its origin is
 * not the input, but something that uses it far below: that is no mistake of
 * this expression, and another package in its place would be one.
 */
export function explainSplicing(
  leak: Leak,
  graph: DerivationGraph,
  origin: Origin | undefined,
): TracedCause | undefined {
  const { host, system } = graph.derivation(leak.input);
  if (host.kind !== 'system' || !origin || origin.isScript || origin.through !== undefined) return undefined;
  const needed = leak.edges[0]?.needs.at(-1) ?? system;
  const [reason, ...more] = reasonsOf(leak.rule, describeText(origin.text), {
    build: system,
    host: host.system,
    needed,
  });
  return {
    kind: 'unspliced',
    source: origin.source,
    text: origin.text,
    message: [reason, ...more].map((sentence) => `${sentence}.`).join(' '),
    steps: [{ ...origin, message: reason }],
  };
}

interface Platforms {
  readonly build: System;
  readonly host: System;
  readonly needed: System;
}

/** Sentences, without their full stops. */
function reasonsOf(
  rule: RuleId,
  text: string,
  { build, host, needed }: Platforms,
): readonly [string, ...string[]] {
  switch (rule) {
    case 'build-platform':
    case 'build-script':
      return [
        `\`${text}\` is the package that runs on ${host}; what runs while its consumer is built has to run on ${build}`,
        'Only what callPackage passes is spliced, that is, replaced by its twin for the build platform',
      ];
    case 'misplaced-tool':
      return [
        `\`${text}\` stands in \`buildInputs\`, which hold what runs on ${host}; what a build starts is looked for in \`nativeBuildInputs\` only, which hold what runs on ${build}`,
      ];
    default:
      return [
        `\`${text}\` is a package ${host === build ? `for the build platform, ${build}` : `that runs on ${host}`}; its consumer's outputs need one that runs on ${needed}`,
      ];
  }
}
