import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Report } from '../../server/src/model/report.ts';
import { createEvaluator, type Evaluator, type RunOutcome } from '../../server/src/running/evaluator.ts';
import { KeptEvaluations } from '../../server/src/running/keptEvaluations.ts';
import type { RunOptions } from '../../server/src/running/runParts.ts';
import type { EvaluationRequest } from '../../server/src/model/target.ts';
import { nixIn } from './nixIn.ts';
import { packageSet } from './packageSet.ts';
import { testParser, testShellParser } from './parser.ts';

/** Files of a workspace under test; a package set lies beside it as `set.nix` and is given as the argument `set`. */
export interface Workspace {
  readonly files: Readonly<Record<string, string>>;
  /** Arguments of its default.nix; left out: `set`, the package set beside the workspace. */
  readonly arguments?: readonly (readonly [string, string])[];
  /** Name of the workspace's directory. */
  readonly directory?: string;
  /** Options for Nix. */
  readonly option?: readonly (readonly [string, string])[];
}

export interface WorkspaceRun {
  readonly as?: string;
  readonly attribute?: string;
  readonly nixDirectory?: string;
  readonly signal?: AbortSignal;
}

/** A workspace on disk with all that is needed to evaluate it. */
export interface OpenWorkspace extends AsyncDisposable {
  readonly root: string;
  readonly evaluator: Evaluator;
  readonly request: EvaluationRequest;
  readonly options: RunOptions;
}

export async function openWorkspace(workspace: Workspace, run: WorkspaceRun = {}): Promise<OpenWorkspace> {
  const directory = await mkdtemp(join(tmpdir(), 'npl-workspace-'));
  const root = join(directory, workspace.directory ?? 'workspace');
  await writeFile(join(directory, 'set.nix'), packageSet);
  for (const [name, text] of Object.entries(workspace.files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  // As the command does it.
  const kept = new KeptEvaluations();
  return {
    root,
    evaluator: createEvaluator({
      parser: testParser,
      shellParser: testShellParser,
      environment: nixIn(run.nixDirectory),
    }),
    request: {
      target: {
        kind: 'file',
        file: join(root, 'default.nix'),
        attribute: run.attribute ?? '',
        arguments: {
          arg: workspace.arguments ?? [['set', `${directory}/set.nix`]],
          argstr: [],
          include: [],
          option: workspace.option ?? [],
        },
      },
      ...(run.as !== undefined ? { evaluateAs: run.as } : {}),
    },
    options: {
      workspaceRoots: [root],
      directory: root,
      signal: run.signal ?? new AbortController().signal,
      limits: { timeoutMs: 60_000, memoryLimitMiB: 4096, allowImportFromDerivation: false },
      kept,
    },
    [Symbol.asyncDispose]: async () => {
      await kept[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Evaluates a workspace with a real Nix; throws where that gives no report. */
export async function evaluateWorkspace(workspace: Workspace, run: WorkspaceRun = {}): Promise<Report> {
  await using open = await openWorkspace(workspace, run);
  return expectReport(await open.evaluator.run(open.request, open.options));
}

export function expectReport(outcome: RunOutcome): Report {
  if (outcome.kind === 'report') return outcome.report;
  const errors = outcome.kind === 'failed' ? outcome.errors.map((error) => error.message).join('\n') : '';
  throw new Error(`the run ended as ${outcome.kind}: ${errors}`);
}
