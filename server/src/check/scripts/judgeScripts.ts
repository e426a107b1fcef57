import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId, DerivationOutput } from '../../model/derivation.ts';
import { groupBy } from '../../model/groupBy.ts';
import type { CrossingEdge, ScriptUse } from '../../model/judgement.ts';
import { storeDirOf } from '../../model/storePath.ts';
import {
  findFlagUses,
  findGivenPrograms,
  findPathUses,
  findRunUses,
  type RunKind,
  type RunUse,
  type Script,
} from '../../shell/buildUses.ts';
import { Destinations } from '../../shell/destinations.ts';
import {
  findInstalledUses,
  findUsesInText,
  findWrapperUses,
  type InstalledKind,
  type InstalledUse,
} from '../../shell/installedUses.ts';
import { findFlagsBeside } from '../../shell/flagsBeside.ts';
import { findKeptShells } from '../../shell/keptShells.ts';
import { findLinkedPaths } from '../../shell/linkedPaths.ts';
import type { ShellParser } from '../../shell/shellParser.ts';
import type { PathInStore, WantedPaths } from '../../shell/wantedPaths.ts';
import type { ShellVariables } from '../../shell/shellWords.ts';
import { findSubstitutedFiles } from '../../shell/substitutedFiles.ts';
import { findSubstitutedWords } from '../../shell/substitutedWords.ts';
import { keepsEnvironment, scriptsOf, wantedPathsOf, type ScriptTexts } from './derivationScripts.ts';
import { isMadeForElsewhere, isTargetLibrary, runsAnywhere } from './hostPrograms.ts';
import { isData } from '../excuses/dataPackages.ts';
import { hostOrBuild } from '../hostSystems.ts';
import { toolName } from '../excuses/toolsAtHand.ts';
import { toolOf } from './buildTools.ts';
import type { ScriptCandidate } from './scriptCandidates.ts';
import { substitutesVariables } from './writtenTexts.ts';

/** What the scripts of one derivation show. */
export interface JudgedScripts {
  /** Programs of the host platform that run while it is built. */
  readonly buildEdges: readonly CrossingEdge[];
  /** Programs of the build platform that are installed. */
  readonly installedEdges: readonly CrossingEdge[];
  /** Programs of the build platform that a text of its own has started: no build uses such a text. */
  readonly startedEdges: readonly CrossingEdge[];
  /** Programs of another platform that scripts start whose interpreter runs where they are made: they run nowhere. */
  readonly mixedEdges: readonly CrossingEdge[];
  /** Inputs whose programs it runs while it is built, rightly or not. */
  readonly runs: ReadonlySet<DerivationId>;
}

/** Judges what the scripts of a candidate do; undefined where they cannot be read. */
export function judgeScripts(
  candidate: ScriptCandidate,
  graph: DerivationGraph,
  texts: ScriptTexts,
  parser: ShellParser,
): JudgedScripts | undefined {
  const { consumer, build, host, hostInputs, buildInputs } = candidate;
  const script = texts.scriptOf(consumer);
  if (script === undefined) return undefined;
  const { outputs } = graph.derivation(consumer);
  const reading: Reading = {
    scripts: scriptsOf(script, texts.sourceText),
    variables: script.variables,
    substituted: substitutesVariables(script)
      ? texts.sourceText(script.variables.get('src') ?? '')
      : undefined,
    builder: script.builder,
    sourceText: texts.sourceText,
    path: keepsEnvironment(script, texts.sourceText) ? script.variables.get('PATH') : undefined,
    outputs,
    wantedFor: (inputs) => wantedPathsOf(inputs, graph),
    parser,
  };
  const runs = findRuns(reading, hostInputs, ({ storePath }) => isPureTool(storePath, graph));
  const wrong = runs.filter(({ path }) => !runsAnywhere(path, graph, texts));
  const installed = [
    ...findInstalled(reading, buildInputs),
    ...findFlags(reading, buildInputs, hostInputs),
  ].filter(({ kind, path }) => {
    const id = graph.findByOutputPath(path.storePath);
    if (id === undefined || isTargetLibrary(path.storePath, graph)) return false;
    // What a compiler has may be for the platform that it makes code for.
    if (kind === 'library' && graph.derivation(id).target !== undefined) return false;
    return !isMadeForElsewhere(id, texts, build) && !isData(graph.derivation(id));
  });
  const isStarted = ({ kind, variable }: InstalledUse): boolean => kind === 'started' && variable === 'text';
  const mixed = host === build ? findMixed(reading, hostInputs) : [];
  return {
    buildEdges: edgesOf('build-script', wrong, candidate, graph),
    installedEdges: edgesOf(
      'runtime-script',
      installed.filter((use) => !isStarted(use)),
      candidate,
      graph,
    ),
    startedEdges: edgesOf('runtime-script', installed.filter(isStarted), candidate, graph),
    mixedEdges: edgesOf('runtime-script', mixed, candidate, graph),
    runs: new Set(
      runs
        .filter(({ kind }) => kind !== 'program-named')
        .map(({ path }) => graph.findByOutputPath(path.storePath) ?? -1),
    ),
  };
}

/**
 * Finds scripts that start programs for another platform, with an interpreter
 * that runs where they are made. One that names nothing but packages for the
 * other platform is made for that, wherever it is written.
 */
function findMixed(reading: Reading, hostInputs: ReadonlySet<DerivationId>): InstalledUse[] {
  const wanted = reading.wantedFor(hostInputs);
  return findInstalled(reading, hostInputs).filter(({ kind, path, interpreter }) => {
    if (kind !== 'script' || interpreter === undefined) return false;
    return interpreter.startsWith(`${storeDirOf(path.storePath)}/`) && !wanted.isIn(interpreter);
  });
}

/** A derivation whose scripts are read. */
interface Reading {
  readonly scripts: readonly Script[];
  readonly variables: ReadonlyMap<string, string>;
  /** The text that is written with variables in the place of their names; undefined where there is none. */
  readonly substituted: string | undefined;
  readonly builder: string;
  readonly sourceText: ScriptTexts['sourceText'];
  /** The `PATH` that its builder is started with, and keeps; undefined where it makes one of its own. */
  readonly path: string | undefined;
  readonly outputs: readonly DerivationOutput[];
  readonly wantedFor: (inputs: ReadonlySet<DerivationId>) => WantedPaths;
  readonly parser: ShellParser;
}

/** Is it a path of a package that has no use but to be started by a build? */
function isPureTool(storePath: string, graph: DerivationGraph): boolean {
  const id = graph.findByOutputPath(storePath);
  return id !== undefined && toolOf(toolName(graph.derivation(id))).pure;
}

function findRuns(
  reading: Reading,
  hostInputs: ReadonlySet<DerivationId>,
  isPure: (path: PathInStore) => boolean,
): RunUse[] {
  const { scripts, variables: given, path = '', parser } = reading;
  if (hostInputs.size === 0) return [];
  const wanted = reading.wantedFor(hostInputs);
  const variables = wantedVariables(reading, wanted);
  const flags = [...variables.keys()].flatMap((name) => {
    const value = given.get(name) ?? '';
    const found = findFlagUses(name, value, wanted);
    const told = new Set(found.map(({ kind, path }) => (kind === 'program-flag' ? path.storePath : '')));
    const tools = findGivenPrograms(name, value, wanted);
    return [...found, ...tools.filter(({ path }) => isPure(path) && !told.has(path.storePath))];
  });
  return [...findPathUses(path, wanted), ...flags, ...findRunUses(scripts, variables, wanted, parser)];
}

function findInstalled(reading: Reading, buildInputs: ReadonlySet<DerivationId>): InstalledUse[] {
  const { scripts, variables: given, substituted, builder, sourceText, outputs, parser } = reading;
  if (buildInputs.size === 0) return [];
  const wanted = reading.wantedFor(buildInputs);
  const variables = wantedVariables(reading, wanted);
  const text = given.get('text') ?? '';
  const isText = /\$textPath|echo -n "\$text" >/.test(given.get('buildCommand') ?? '');
  if (isText) variables.delete('text');
  const written = isText
    ? findUsesInText(text, 'text', wanted, parser, (given.get('executable') ?? '') !== '')
    : [];
  const destinations = new Destinations(outputs);
  const wrapping = [...variables.keys()].filter((name) => /[wW]rapperArgs$/.test(name));
  return [
    ...written,
    ...findLinkedPaths(given, wanted),
    ...[...given].flatMap(([name, value]) => findKeptShells(name, value, wanted)),
    ...(substituted === undefined ? [] : findSubstitutedWords(substituted, given, builder, wanted)),
    ...wrapping.flatMap((name) => findWrapperUses(name, given.get(name) ?? '', wanted, parser)),
    ...findInstalledUses(scripts, variables, wanted, destinations, parser),
    ...findSubstitutedFiles(scripts, { variables: given, builder, sourceText }, wanted, destinations, parser),
  ];
}

/** Flags with a program of the build platform beside some with one of the host platform. */
function findFlags(
  { variables, wantedFor }: Reading,
  buildInputs: ReadonlySet<DerivationId>,
  hostInputs: ReadonlySet<DerivationId>,
): InstalledUse[] {
  if (buildInputs.size === 0 || hostInputs.size === 0) return [];
  const [build, host] = [wantedFor(buildInputs), wantedFor(hostInputs)];
  return [...variables].flatMap(([name, value]) => findFlagsBeside(name, value, build, host));
}

/** The variables that are no scripts themselves and that hold a wanted path. */
function wantedVariables({ scripts, variables, outputs }: Reading, wanted: WantedPaths): ShellVariables {
  const others = new Set([...scripts.map(({ variable }) => variable), ...outputs.map(({ name }) => name)]);
  return new Map(
    [...variables]
      .filter(([name, value]) => !others.has(name) && wanted.isIn(value))
      .map(([name, value]) => [name, [value]]),
  );
}

/** At most so many places of one edge are kept: a repair may change no others. */
const maximumUses = 200;

function edgesOf(
  rule: 'build-script' | 'runtime-script',
  uses: readonly (RunUse | InstalledUse)[],
  { consumer, build, host }: ScriptCandidate,
  graph: DerivationGraph,
): CrossingEdge[] {
  const byInput = groupBy(uses, ({ path }) => graph.findByOutputPath(path.storePath) ?? -1);
  return [...byInput].map(([input, [first, ...rest]]) => {
    const used = graph.derivation(input);
    const runsOn = hostOrBuild(used);
    const user = graph.derivation(consumer).name;
    const mayFail = [first, ...rest].every((use) => 'mayFail' in use && use.mayFail);
    // Whether an option is kept is likely, and no more; deep in a package set it may be that nobody minds.
    const isLikely = (kind: RunKind | InstalledKind): boolean =>
      kind === 'program-named' || (kind === 'option' && consumer !== graph.root);
    const where = rule === 'build-script' ? `built on ${build}` : `for ${host}`;
    return {
      consumer,
      input,
      // It is the path in the script that is wrong, whatever else it is used as.
      roles: ['reference'],
      rule,
      severity: mayFail || [first, ...rest].every(({ kind }) => isLikely(kind)) ? 'info' : 'warning',
      needs: [rule === 'build-script' ? build : host],
      runsOn,
      explanation: `${used.name} runs on ${runsOn}, but ${first.variable} of ${user}, which is ${where}, ${whatItDoes[first.kind]}${mayFail ? ', and goes on where that fails' : ''}`,
      scriptUses: distinct([first, ...rest]).slice(0, maximumUses),
    };
  });
}

/** Clauses whose subject is a script and whose object the input. */
const whatItDoes: Readonly<Record<RunKind | InstalledKind, string>> = {
  run: 'runs it',
  'search-path': 'puts its programs into PATH',
  'program-flag': 'has it run',
  'library-loaded': 'has it loaded',
  'program-named': 'names it, which fails where the build starts it',
  shebang: 'installs a script that it is to interpret',
  script: 'installs a script that runs it',
  wrapper: 'gives it to a wrapper',
  replacement: 'writes its path into an installed file',
  compiled: 'has its path compiled into what is installed',
  option: 'has it taken for the shell of what is installed',
  flag: 'has it written beside programs for the host platform',
  started: 'installs a file that has it started',
  link: 'installs a program of it',
  library: 'installs its libraries, or has them looked up there',
  member: 'has it linked into the output',
};

/** Each line once, those of a variable in their order. */
function distinct(uses: readonly ScriptUse[]): ScriptUse[] {
  return [...groupBy(uses, ({ variable }) => variable).values()].flatMap((ofVariable) =>
    [...groupBy(ofVariable, ({ line }) => line).values()]
      .map((ofLine): ScriptUse => {
        const [{ variable, line, text }] = ofLine;
        const times = ofLine.length;
        return { variable, line, text, ...(times > 1 && { times }) };
      })
      .sort((one, other) => one.line - other.line),
  );
}
