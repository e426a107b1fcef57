import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import { wantedPathsOf, type ScriptTexts } from '../scripts/derivationScripts.ts';
import { isKnownTool } from '../scripts/buildTools.ts';
import { crossHost } from '../hostSystems.ts';
import { interpreterOfModule } from './interpretedModules.ts';
import { toolName } from './toolsAtHand.ts';

/** What is read of derivations to excuse one. */
type Texts = Pick<ScriptTexts, 'scriptOf'>;

/**
 * Why an input for another platform does no harm where it stands, in a clause
 * that goes on from "…, but"; undefined where it may do harm.
 */
export function reasonOfHarmlessness(
  edge: CrossingEdge,
  graph: DerivationGraph,
  texts: Texts,
): string | undefined {
  if (edge.severity === 'info') return undefined;
  if (edge.rule === 'plain-reference') return reasonOfData(edge, graph, texts);
  const input = graph.derivation(edge.input);
  const isOfBuilder = edge.roles.some((role) => role === 'builder' || role === 'args' || role === 'stdenv');
  if (edge.rule !== 'build-platform' || isOfBuilder) return undefined;
  if (input.system === 'x86_64-linux' && edge.runsOn === input.system && runsThere(edge, graph))
    return 'what builds for i686-linux is an x86_64-linux machine nearly everywhere, which runs both';
  if (crossHost(input) === undefined) return undefined;
  if (input.system !== graph.system(edge.consumer)) return undefined;
  if (hasOnlyConfigScripts(edge, graph, texts))
    return 'only its …-config scripts are there, and those have to be of the package that is linked';
  const interpreter = interpreterOfModule(edge, graph);
  if (interpreter !== undefined)
    return `it is a module, which ${interpreter} of the build platform loads as well, unless parts of it are compiled`;
  if (servesByHook(edge, graph, texts)) return 'it is a library with a setup hook, which is sourced';
  return undefined;
}

/**
 * Does a build for i686-linux start what runs on x86_64-linux? The kernel of a
 * machine that builds both runs both (Nix source, `globals.cc`), and nixpkgs
 * builds its 32-bit Wine so, with the compilers of `pkgsCross.mingw32`.
 */
function runsThere({ consumer }: CrossingEdge, graph: DerivationGraph): boolean {
  const user = graph.derivation(consumer);
  return user.system === 'i686-linux' && crossHost(user) === undefined;
}

/**
 * An output for developers, into which a package moves nothing that runs but its
 * `…-config` scripts (nixpkgs source, `multiple-outputs.sh`, `moveToOutput`).
 * What it brings along has the package's other programs, so it does not hold for tools.
 */
function hasOnlyConfigScripts(
  { consumer, input }: CrossingEdge,
  graph: DerivationGraph,
  texts: Texts,
): boolean {
  if (!isDeveloperOutput(consumer, input, graph)) return false;
  const isPythonModule = /^python\d/.test(graph.derivation(consumer).name);
  if (isKnownTool(toolName(graph.derivation(input))) && !isPythonModule) return false;
  const programs = programsForDevelopers(input, texts);
  return programs.length > 0 && programs.every((program) => program.endsWith('-config'));
}

/**
 * A library whose setup hook tells builds where to find something. What runs by
 * itself has no output for developers, and what builds start is known.
 */
function servesByHook({ consumer, input }: CrossingEdge, graph: DerivationGraph, texts: Texts): boolean {
  if (!isDeveloperOutput(consumer, input, graph) || isKnownTool(toolName(graph.derivation(input))))
    return false;
  const variables = texts.scriptOf(input)?.variables;
  return ['setupHook', 'setupHooks'].some((name) => (variables?.get(name) ?? '') !== '');
}

/** Is nothing used of an input but its output for developers, beside which it has another one? */
function isDeveloperOutput(consumer: DerivationId, input: DerivationId, graph: DerivationGraph): boolean {
  const used = graph.inputs(consumer).find((edge) => edge.input === input)?.outputs ?? [];
  const all = graph.derivation(input).outputs;
  return used.length > 0 && used.every((name) => name === 'dev') && all.length > 1;
}

/** Names of what a package puts into the folder of programs of its output for developers. */
function programsForDevelopers(id: DerivationId, texts: Texts): string[] {
  const variables = texts.scriptOf(id)?.variables;
  if (variables === undefined) return [];
  if (variables.get('outputBin') === 'dev') return ['*'];
  const moved = /moveToOutput\s+["']?s?bin(?:\/(?<one>[^\s"']*))?["']?\s+["']?\$\{?!?(?:dev|outputDev)\b/g;
  const named = /\$\{?!?(?:dev|outputDev)\}?["']?\/s?bin(?:\/(?<one>[^\s"';]*))?/g;
  return [...variables.values()].flatMap((text) =>
    text.includes('dev') || text.includes('outputDev')
      ? [...text.matchAll(moved), ...text.matchAll(named)].map(({ groups }) => groups?.one ?? '*')
      : [],
  );
}

/** Files that an emulator, a boot loader or a programmer takes: disks, kernels, file systems, firmware. */
const imageFile =
  /(?:\.(?:qcow2?|img|raw|iso|vmdk|vdi|vhdx?|qed|squashfs|erofs|ext4|cpio|fd|dtb|bin|efi|elf|uf2|hex|tar)(?:\.(?:gz|xz|zst|bz2))?|(?:^|\/)(?:bzImage|[uz]?Image|vmlinu[xz]|kernel|initrd|initramfs|init|kernel-params|registration))$/;

/**
 * What is for another system, and is handed on as it is: a disk image, a kernel.
 * A consumer that has anything else of it, such as a program, is as wrong as any.
 */
function reasonOfData(
  { consumer, input, roles }: CrossingEdge,
  graph: DerivationGraph,
  texts: Texts,
): string | undefined {
  if (!roles.every((role) => role === 'reference')) return undefined;
  const script = texts.scriptOf(consumer);
  if (script === undefined) return undefined;
  const wanted = wantedPathsOf(new Set([input]), graph);
  const mentions = [...script.arguments, ...script.variables.values()].flatMap((value) =>
    wanted.allIn(value),
  );
  const isImage = mentions.every(({ storePath, inner }) => imageFile.test(inner === '' ? storePath : inner));
  return mentions.length > 0 && isImage ? 'it is only handed on, as an image or a kernel is' : undefined;
}
