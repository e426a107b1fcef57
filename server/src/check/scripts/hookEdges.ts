import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { edgeRoles, type DerivationId } from '../../model/derivation.ts';
import type { CrossingEdge, ScriptUse } from '../../model/judgement.ts';
import type { System } from '../../model/system.ts';
import { findRunUses, ShownLines, type Script } from '../../shell/buildUses.ts';
import type { ShellParser } from '../../shell/shellParser.ts';
import { findStartedNames } from '../../shell/startedNames.ts';
import { propagatedRoles, toolName, toolsOfHook } from '../excuses/toolsAtHand.ts';
import { hostOrBuild } from '../hostSystems.ts';
import { wantedPathsOf, type ScriptTexts } from './derivationScripts.ts';
import { runsAnywhere } from './hostPrograms.ts';
import { hasNatively, programsOf } from './programs.ts';
import type { UsedHook } from './usedHooks.ts';

/** The text of a hook, and which of its lines builds that source it run. */
interface HookText {
  readonly script: Script;
  readonly isRun: (place: { readonly line: number }) => boolean;
}

/** Its procedures start a program by its path. */
export function startedByPath(
  hook: DerivationId,
  forHost: ReadonlySet<DerivationId>,
  { script, isRun }: HookText,
  graph: DerivationGraph,
  texts: ScriptTexts,
  parser: ShellParser,
): CrossingEdge[] {
  const uses = findRunUses([script], new Map(), wantedPathsOf(forHost, graph), parser).filter(
    (use) => !use.mayFail && !runsAnywhere(use.path, graph, texts) && isRun(use),
  );
  const { name, system } = graph.derivation(hook);
  return [...forHost].flatMap((input): CrossingEdge[] => {
    const found = uses.filter(({ path }) => graph.findByOutputPath(path.storePath) === input);
    if (found.length === 0) return [];
    const used = graph.derivation(input);
    return [
      {
        consumer: hook,
        input,
        roles: ['reference'],
        rule: 'build-script',
        severity: 'warning',
        needs: [system],
        runsOn: hostOrBuild(used),
        explanation: `${used.name} runs on ${hostOrBuild(used)}, but the setup hook ${name} runs it in builds on ${system}`,
        scriptUses: [...found.slice(0, maximumUses).map(placeOf), ...namedIn(hook, input, graph, texts)],
      },
    ];
  });
}

/**
 * Its procedures start a program by its name, which only something has that the
 * hook brings along for the host platform.
 */
export function startedByName(
  { hook, consumers }: UsedHook,
  forHost: ReadonlySet<DerivationId>,
  { script, isRun }: HookText,
  graph: DerivationGraph,
  texts: ScriptTexts,
  parser: ShellParser,
  isOwnInput: (consumer: DerivationId, input: DerivationId) => boolean,
): CrossingEdge[] {
  const known = new Set(toolsOfHook(graph, hook));
  const brought = graph
    .inputs(hook)
    .filter(({ input, roles }) => forHost.has(input) && roles.some((role) => propagatedRoles.has(role)))
    .filter(({ input }) => !known.has(toolName(graph.derivation(input))))
    .map(({ input }) => ({ input, programs: programsOf(input, graph, texts) }));
  if (brought.length === 0) return [];
  const names = new Set(brought.flatMap(({ programs }) => [...programs]));
  const starts = findStartedNames([script], names, parser);
  const { name, system } = graph.derivation(hook);
  return consumers.flatMap((consumer) => {
    const user = graph.derivation(consumer);
    return brought.flatMap(({ input, programs }): CrossingEdge[] => {
      const uses = [...programs]
        .filter((program) => !hasNatively(program, consumer, graph, texts))
        .flatMap((program) => starts.get(program) ?? [])
        .filter((start) => !start.mayFail && isRun(start));
      const used = graph.derivation(input);
      if (uses.length === 0) return [];
      // Who wrote the hook chose what it brings along; anybody else chose the hook.
      const [from, to] = isOwnInput(hook, input) ? [hook, input] : [consumer, hook];
      return [
        {
          consumer: from,
          input: to,
          roles: graph.inputs(from).find((edge) => edge.input === to)?.roles ?? ['reference'],
          rule: 'build-script',
          severity: 'warning',
          needs: [system],
          runsOn: hostOrBuild(used),
          explanation: `${name} brings ${used.name} along for ${hostOrBuild(used)}, and starts it while ${user.name} is built on ${system}`,
          scriptUses: [
            ...uses.slice(0, maximumUses).map(placeOf),
            ...(from === hook ? namedIn(hook, input, graph, texts) : []).map(handsOn),
          ],
        },
      ];
    });
  });
}

/** Its procedures write scripts for the host platform that begin with a shell of the build platform. */
export function writtenShells(
  hook: DerivationId,
  host: System,
  forBuild: ReadonlySet<DerivationId>,
  { variable, text }: Script,
  graph: DerivationGraph,
): CrossingEdge[] {
  const wanted = wantedPathsOf(forBuild, graph);
  const lines = new ShownLines(text);
  const { name } = graph.derivation(hook);
  return text.split('\n').flatMap((line, index): CrossingEdge[] => {
    const path = wanted.atStartOf(printedShebang(line) ?? '');
    const input = path && graph.findByOutputPath(path.storePath);
    if (input === undefined) return [];
    const used = graph.derivation(input);
    return [
      {
        consumer: hook,
        input,
        roles: ['reference'],
        rule: 'runtime-script',
        severity: 'info',
        needs: [host],
        runsOn: hostOrBuild(used),
        explanation: `${used.name} runs on ${hostOrBuild(used)}, but the setup hook ${name} writes it into scripts of what is built for ${host}`,
        scriptUses: [{ variable, line: index + 1, text: lines.at(index + 1) }],
      },
    ];
  });
}

function handsOn(use: ScriptUse): ScriptUse {
  return { ...use, isHandedOn: true };
}

const inputLists: ReadonlySet<string> = new Set(edgeRoles);

function placeOf({ variable, line, text }: ScriptUse): ScriptUse {
  return { variable, line, text };
}

/** Where the variables of a hook name an input: a repair changes these, and not the text that the hook is made of. */
function namedIn(
  hook: DerivationId,
  input: DerivationId,
  graph: DerivationGraph,
  texts: ScriptTexts,
): ScriptUse[] {
  const wanted = wantedPathsOf(new Set([input]), graph);
  const variables = texts.scriptOf(hook)?.variables ?? new Map<string, string>();
  return [...variables].flatMap(([variable, value]) => {
    if (inputLists.has(variable) || !wanted.isIn(value)) return [];
    const lines = new ShownLines(value);
    return value
      .split('\n')
      .flatMap((text, index) =>
        wanted.isIn(text) ? [{ variable, line: index + 1, text: lines.at(index + 1) }] : [],
      );
  });
}

/** `echo "#! /…/bin/sh" > "$wrapper"`: an editor's command may as well look for such a line. */
function printedShebang(line: string): string | undefined {
  if (!line.includes('#!')) return undefined;
  const written = line.lastIndexOf('>');
  let start = 0;
  let before = '';
  for (const part of line.split(/(?=[#|;])/)) {
    const [whole = '', path] = /^#!\s*(\/[^\s"']+)/.exec(part) ?? [];
    if (path !== undefined && start + whole.length <= written && /\b(?:echo|printf)\b/.test(before))
      return path;
    start += part.length;
    before = part;
  }
  return undefined;
}

/** At most so many places of one edge are kept. */
const maximumUses = 5;
