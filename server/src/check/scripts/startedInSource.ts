import type { BuildScript, Variables } from '../../derivation/buildScript.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { ScriptUse } from '../../model/judgement.ts';
import { findStartedInFiles, type BuildFile } from '../../shell/buildFiles.ts';
import type { ScriptTexts } from './derivationScripts.ts';
import type { MisplacedTool } from './misplacedTools.ts';
import { hasNatively } from './programs.ts';

/**
 * The build files of a derivation's source that its build reads: where it has no
 * phase of its own, or one that starts make or its kin.
 */
export function buildFilesRead(
  variables: Variables,
  texts: Pick<ScriptTexts, 'buildFilesOf'>,
): readonly BuildFile[] {
  const isSet = (name: string): boolean => !['', '0'].includes(variables.get(name) ?? '');
  const phase = variables.get('buildPhase') ?? '';
  const runsMake = phase === '' || /\b(?:make|ninja|meson|cmake|buildPhase)\b/.test(phase);
  if (isSet('buildCommand') || isSet('dontBuild') || !runsMake) return [];
  return texts.buildFilesOf((variables.get('src') ?? '').trim());
}

/** Where the source of a tool's consumer starts one of its programs, and nothing for the build platform has it. */
export function startedInSource(
  { consumer, programs }: MisplacedTool,
  { variables }: BuildScript,
  graph: DerivationGraph,
  texts: ScriptTexts,
): readonly ScriptUse[] {
  const files = buildFilesRead(variables, texts);
  if (files.length === 0) return [];
  const wanted = [...programs].filter((program) => !hasNatively(program, consumer.id, graph, texts));
  return findStartedInFiles(files, new Set(wanted));
}
