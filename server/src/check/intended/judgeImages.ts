import type { VariablesOf } from '../../derivation/buildScript.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { Derivation } from '../../model/derivation.ts';
import { groupBy } from '../../model/groupBy.ts';
import type { CrossingEdge, DerivationFault, Severity } from '../../model/judgement.ts';
import { parseSystem, runsOn, type System } from '../../model/system.ts';
import type { EdgeEnds } from '../bringsIn.ts';
import type { Compatibilities } from '../compatibilities.ts';
import { hostOrBuild } from '../hostSystems.ts';
import { isWorse, judgeEdge } from '../rules.ts';
import { contentsOf, type ContentUse, type ImageContents } from './imageContents.ts';
import type { Image } from './images.ts';

/** What is wrong with images: with one as a whole, or with some of its content. */
export interface ImageFindings {
  readonly faults: readonly DerivationFault[];
  readonly edges: readonly CrossingEdge[];
  /** Edges of the content that runs where the image does, wherever the image is built. */
  readonly carrying: readonly EdgeEnds[];
}

/**
 * Judges whether what goes into an image runs where the image says that it
 * does. The tools that make it run where it is built, and are not looked at.
 * What a role of an edge tells already is not told again.
 */
export function judgeImage(
  image: Image,
  graph: DerivationGraph,
  variablesOf: VariablesOf,
  compatibilities: Compatibilities,
): ImageFindings {
  const contents = contentsOf(image, graph, variablesOf, runsThere);
  const wrong = executedFirst(contents.wrong).filter((use) => !isJudged(use, graph, compatibilities));
  const [first] = wrong;
  const carrying = contents.right.map(({ consumer, input }) => ({ consumer, input }));
  if (!first) return { faults: [], edges: [], carrying };
  const made = graph.derivation(image.derivation);
  const found = { ...contents, wrong };
  // It was made from the same wrong packages as all that is in it: one mistake, at the image.
  const isWhole = contents.right.length === 0 && isSameHost(made, graph.derivation(first.input));
  if (!isWhole) {
    return { faults: [], edges: wrong.map((use) => edgeOf(use, image, found, graph)), carrying };
  }
  const worst = wrong.map((use) => severityOf(use, image, found, graph)).reduce(worse);
  const isMislabelled = parseSystem(hostOrBuild(made)).kernel === parseSystem(image.system).kernel;
  const fault: DerivationFault = {
    derivation: image.derivation,
    rule: 'expected-platform',
    // The label may be what is wrong: a container of another processor's name starts nevertheless.
    severity: isMislabelled ? 'warning' : worst,
    needs: [image.system],
    runsOn: hostOrBuild(graph.derivation(first.input)),
    explanation: explainWhole(image, made, graph.derivation(first.input), countInputs(wrong), isMislabelled),
  };
  return { faults: [fault], edges: [], carrying };
}

/** On a server nobody emulates another machine: what this one can run besides does not count. */
function runsThere(host: System, machine: System): boolean {
  const isArm = parseSystem(machine).processor === 'armv7l' && /^armv[5-7]/.test(host);
  return runsOn(host, machine) !== 'no' || (isArm && parseSystem(host).kernel === 'linux');
}

function isJudged(
  { consumer, input }: ContentUse,
  graph: DerivationGraph,
  compatibilities: Compatibilities,
): boolean {
  const edge = graph.inputs(consumer).find((candidate) => candidate.input === input);
  return (
    edge !== undefined &&
    judgeEdge(graph.derivation(consumer), edge, graph.derivation(input), compatibilities) !== undefined
  );
}

function edgeOf(
  use: ContentUse,
  image: Image,
  contents: ImageContents,
  graph: DerivationGraph,
): CrossingEdge {
  const { consumer, input } = use;
  const content = graph.derivation(input);
  const runsOn = hostOrBuild(content);
  const name = graph.derivation(image.derivation).name;
  return {
    consumer,
    input,
    roles: graph.inputs(consumer).find((edge) => edge.input === input)?.roles ?? ['reference'],
    rule: 'expected-platform',
    severity: severityOf(use, image, contents, graph),
    needs: [image.system],
    runsOn,
    explanation: `${content.name} runs on ${runsOn}, but it goes into ${name}, an image for ${image.label}: take it from packages for ${image.system}${use.executed ? '' : ', unless it is only data'}`,
  };
}

/** What a container starts has to run; a folder that nobody starts from may be only data. */
function severityOf(
  use: ContentUse,
  image: Image,
  contents: ImageContents,
  graph: DerivationGraph,
): Severity {
  const { host, system } = graph.derivation(use.input);
  const isCertain = host.kind === 'system' && (host.system === system || host.certainty === 'evaluated');
  const isAll = contents.right.length === 0 && !image.hasBase;
  return isCertain && (use.executed || isAll) ? 'error' : 'warning';
}

/** Each edge once, those that a container starts in front. */
function executedFirst(uses: readonly ContentUse[]): ContentUse[] {
  const sorted = [...uses].sort((one, other) => Number(other.executed) - Number(one.executed));
  const byEdge = groupBy(sorted, ({ consumer, input }) => `${consumer} ${input}`);
  return [...byEdge.values()].map(([use]) => use);
}

function countInputs(uses: readonly ContentUse[]): number {
  return new Set(uses.map(({ input }) => input)).size;
}

function worse(one: Severity, other: Severity): Severity {
  return isWorse(other, one) ? other : one;
}

function explainWhole(
  image: Image,
  made: Derivation,
  content: Derivation,
  count: number,
  isMislabelled: boolean,
): string {
  const more = count > 1 ? ` and ${count - 1} more` : '';
  const cross = crossSets[image.system];
  const pkgsCross = cross === undefined ? 'pkgsCross' : `pkgsCross.${cross}`;
  return (
    `${made.name} is an image for ${image.label}, but what it contains (${content.name}${more}) runs on ` +
    `${hostOrBuild(content)} and would fail there with "Exec format error": make it from packages for ` +
    `${image.system} (\`packages.${image.system}\` or \`import <nixpkgs> { system = "${image.system}"; }\`, ` +
    `which need a builder for ${image.system}, or \`${pkgsCross}\`)` +
    (isMislabelled ? `, or give the image the architecture of its content` : '')
  );
}

/** What nixpkgs calls the cross-compiling package sets of these (nixpkgs, `lib/systems/examples.nix`). */
const crossSets: Readonly<Record<System, string>> = {
  'x86_64-linux': 'gnu64',
  'aarch64-linux': 'aarch64-multiplatform',
  'armv7l-linux': 'armv7l-hf-multiplatform',
  'riscv64-linux': 'riscv64',
  'i686-linux': 'gnu32',
};

function isSameHost(one: Derivation, other: Derivation): boolean {
  return hostOrBuild(one) === hostOrBuild(other);
}
