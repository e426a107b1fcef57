import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { Derivation, DerivationId, EdgeRole, InputEdge } from '../../model/derivation.ts';
import type { CrossingEdge, ScriptUse } from '../../model/judgement.ts';
import { perStep, type Steps } from '../../model/slices.ts';
import type { System } from '../../model/system.ts';
import type { StartedName, StartedNames } from '../../shell/startedNames.ts';
import { toolOf, type BuildTool } from './buildTools.ts';
import { programsOf, type ProgramTexts } from './programs.ts';
import type { Compatibilities } from '../compatibilities.ts';
import { crossHost } from '../hostSystems.ts';
import { toolName, nativeNames, propagatedRoles, toolsOfHook } from '../excuses/toolsAtHand.ts';

/** What the build of a derivation does, as far as its variables tell. */
export interface BuildActions {
  readonly variables: ReadonlyMap<string, string>;
  readonly starts: StartedNames;
  /** Where the build files of its source start one of the tool's programs. */
  readonly inSource: readonly ScriptUse[];
  /** Where its phases have make make a file that the tool generates. */
  readonly products: readonly ScriptUse[];
  /** The consumer is what is asked for, or stands in the person's own files. */
  readonly isOwn: boolean;
  /** The source that the tool's setup hook unpacks, if there is one. */
  readonly unpacks: string | undefined;
  /** The tool's setup hook tells the build which program to start, from where it stands. */
  readonly isHanded: boolean;
}

const hostRoles: ReadonlySet<EdgeRole> = new Set([
  'buildInputs',
  'depsHostHost',
  'propagatedBuildInputs',
  'depsHostHostPropagated',
]);

/** A build tool that a consumer has for its host platform only. */
export interface MisplacedTool {
  readonly consumer: Derivation;
  readonly host: System;
  readonly edge: InputEdge;
  readonly tool: BuildTool;
  /** All programs that it may have. */
  readonly programs: ReadonlySet<string>;
  /** It comes in through a setup hook, which is what the consumer names. */
  readonly hooked: boolean;
  /** A generator that another input of the consumer has as well: it may be there for that one's headers. */
  readonly isOfAnother: boolean;
}

/**
 * Finds the tools that cross-compiled derivations have among the inputs for
 * their host platform, and not for the platform that they are built on (nixpkgs
 * manual, "Cross-compilation", "Specifying dependencies"). Whether a build
 * starts one is a question to its scripts: {@link judgeMisplacedTool}.
 */
export function* findMisplacedTools(
  graph: DerivationGraph,
  compatibilities: Compatibilities,
  texts: ProgramTexts,
): Steps<MisplacedTool[]> {
  const found: MisplacedTool[] = [];
  for (let id: DerivationId = 0; id < graph.size; id++) {
    if (id % perStep === 0) yield;
    const consumer = graph.derivation(id);
    const host = crossHost(consumer);
    // What a setup hook has is for whoever uses the hook.
    if (host === undefined || consumer.setupHookOnly === true) continue;
    if (compatibilities.canRun(host, consumer.system)) continue;
    let native: ReadonlySet<string> | undefined;
    for (const edge of graph.inputs(id)) {
      if (!edge.roles.every((role) => hostRoles.has(role))) continue;
      const input = graph.derivation(edge.input);
      if (crossHost(input) !== host || input.system !== consumer.system) continue;
      const names = input.setupHookOnly === true ? toolsOfHook(graph, edge.input) : [toolName(input)];
      for (const name of names) {
        const tool = toolOf(name);
        native ??= nativeNames(graph, id);
        if (native.has(name)) continue;
        found.push({
          consumer,
          host,
          edge,
          tool,
          programs:
            input.setupHookOnly === true ? new Set(tool.programs) : programsOf(edge.input, graph, texts),
          hooked: input.setupHookOnly === true,
          isOfAnother:
            tool.generates === true &&
            graph.inputIds(id).some((other) => graph.inputIds(other).includes(edge.input)),
        });
        break;
      }
    }
  }
  return found;
}

/**
 * Judges a tool by what the build does: a warning where a phase, or the tool's
 * own setup hook, starts it; where it has no other use a note, of a person's own
 * a warning; undefined where its being there may be right.
 */
export function judgeMisplacedTool(
  { consumer, host, edge, tool, programs, hooked, isOfAnother }: MisplacedTool,
  input: Derivation,
  { variables, starts, inSource: named, products, unpacks, isOwn, isHanded }: BuildActions,
): CrossingEdge | undefined {
  const isSet = (variable: string): boolean => !['', '0'].includes(variables.get(variable) ?? '');
  const inSource = isHanded ? [] : [...products, ...named];
  const started = [...programs].flatMap((program) => starts.get(program) ?? []);
  const scriptUses = [...started.map(placeOf), ...inSource];
  const [use] = scriptUses;
  const mayFail = started.length > 0 && inSource.length === 0 && started.every((one) => one.mayFail);
  // A command replaces the phases, and with them what hooks do in them.
  const hasPhases = !isSet('buildCommand');
  const startsItself = hooked ? ['dontAutoreconf'] : tool.hookUnless;
  const isByHook =
    unpacks !== undefined || (hasPhases && startsItself?.every((variable) => !isSet(variable)) === true);
  const isNamed = (): boolean => isNamedElsewhere(input, variables);
  // What is propagated may be wanted where the consumer runs: a scanner generator starts its m4.
  const isPropagated = edge.roles.every((role) => propagatedRoles.has(role));
  const hasNoUse = (tool.pure || (tool.namedByPath === true && !isNamed())) && !isPropagated;
  const generates =
    tool.generates === true &&
    !isHanded &&
    hasPhases &&
    !isOfAnother &&
    !isPropagated &&
    isCheckout(variables);
  const mayBeByMake = tool.oftenStarted === true && !isHanded && hasPhases && !isSet('dontBuild');
  if (use === undefined && !isByHook && !hasNoUse && !mayBeByMake) return undefined;
  const why = use
    ? `${use.variable} starts it${mayFail ? ', and goes on where that fails,' : ''}`
    : isByHook
      ? `its setup hook starts it${unpacks === undefined ? '' : ` to unpack ${unpacks}`}`
      : hasNoUse
        ? 'it is of no use there unless something starts it'
        : generates
          ? `its library takes only code that ${[...programs][0]} of the same version generates`
          : 'make and its kin often start it, and would not find it,';
  return {
    consumer: consumer.id,
    input: edge.input,
    roles: edge.roles,
    rule: 'misplaced-tool',
    // Deep in a package set it may be a leftover, which harms nobody.
    severity: (use && !mayFail) || isByHook || (isOwn && (hasNoUse || generates)) ? 'warning' : 'info',
    needs: [consumer.system],
    runsOn: host,
    explanation:
      `${input.name} is built on ${input.system} for ${host} and stands only in ${edge.roles.join(' and ')} ` +
      `of ${consumer.name}, but ${why} while ${consumer.name} is built on ${consumer.system}: ` +
      'it belongs into nativeBuildInputs',
    ...(use && { scriptUses: scriptUses.slice(0, maximumUses) }),
  };
}

/** Does anything but the lists of inputs name a path of it? */
function isNamedElsewhere({ outputs }: Derivation, variables: ReadonlyMap<string, string>): boolean {
  return [...variables].some(
    ([name, value]) =>
      !inputLists.has(name) && outputs.some(({ path }) => path !== undefined && value.includes(path)),
  );
}

const inputLists: ReadonlySet<string> = new Set(['buildInputs', 'depsHostHost', 'nativeBuildInputs']);

/**
 * Is the source a folder, such as one of git, in which no generated code is kept?
 * An archive that was released may have it; so have modules of Go and Python.
 */
function isCheckout(variables: ReadonlyMap<string, string>): boolean {
  const source = (variables.get('src') ?? '').trim();
  const isOther = ['GOARCH', 'goModules', 'pythonImportsCheck', 'dontBuild'].some(
    (name) => !['', '0'].includes(variables.get(name) ?? ''),
  );
  return source !== '' && !isOther && !/\.(?:tar|tgz|zip|gz|xz|bz2|rpm|deb|gem|whl|jar)\b|\s/.test(source);
}

function placeOf({ variable, line, text }: StartedName): ScriptUse {
  return { variable, line, text };
}

/** At most so many places of one edge are kept. */
const maximumUses = 5;
