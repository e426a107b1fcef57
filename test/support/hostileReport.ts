import { noSuppressions } from '../../server/src/attribution/findSuppressions.ts';
import { applyPolicy, type PolicedReport } from '../../server/src/check/policy.ts';
import type { Report } from '../../server/src/model/report.ts';
import type { Observation } from '../../server/src/model/observation.ts';
import type { Verification } from '../../server/src/model/verification.ts';
import type { CheckResults, FormatContext } from '../../server/src/output/results.ts';
import { plainPaint } from '../../server/src/output/paint.ts';
import { RangeTracker } from '../../server/src/snapshot/rangeTracker.ts';
import { defaultSettings } from '../../server/src/snapshot/settings.ts';
import type { Evaluation, Snapshot } from '../../server/src/snapshot/snapshot.ts';
import { judge } from './closure.ts';

export const hostileContext: FormatContext = {
  directory: '/w',
  sourceRoot: '/w',
  version: '1.0.0',
  paint: plainPaint,
};

const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 4 } };
const noArguments = { arg: [], argstr: [], include: [], option: [] };
const target = (file: string, attribute: string) =>
  ({ kind: 'file', file, attribute, arguments: noArguments }) as const;

/** A report in which all that a repository can name says the same text. */
export async function hostileReport(text: string): Promise<PolicedReport> {
  const { graph, judgement } = await judge((store) => {
    // The format of a .drv file has no halves of a surrogate pair.
    const input = store.add({
      name: 'input',
      system: `${text.replace(/\p{Surrogate}/gu, '')}-darwin`,
      env: { stdenv: '/none' },
    });
    return store.add({ name: 'root', env: { buildInputs: input.out() }, inputs: [input] });
  });
  const source = { file: `/w/${text}.nix`, range };
  const [leaked] = judgement.leaks.map(({ input }) => input);
  const observation: Observation = {
    source,
    form: 'binding',
    text,
    derivations: leaked === undefined ? [] : [leaked],
    packageSet: { source, platforms: [{ build: text, host: text, target: `${text}2` }], boundAt: [source] },
  };
  const report: Report = {
    request: { target: target(source.file, text) },
    evaluatedAs: text,
    graph,
    judgement,
    leaks: judgement.leaks.map((leak) => ({
      ...leak,
      origins: [
        { source, text, through: text },
        {
          source: { ...source, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } } },
          text,
        },
      ],
      cause: 0,
      reason: { kind: 'argument', message: text, steps: [{ source, text, message: text }] },
      bringsIn: 1,
    })),
    causes: [{ source, text }],
    observations: [observation],
    probes: { placed: 1, fired: 1, files: 1, fallbackReason: text },
    timings: new Map(),
    sources: new Map([[source.file, `{\n${text.replaceAll('\n', ' ')}\n}`]]),
    filesRead: [source.file],
  };
  const policed = applyPolicy(report, {}, noSuppressions);
  const [leak] = policed.leaks;
  const suppression = { source, rules: [], reason: text, line: 1, named: source, removal: source };
  return { ...policed, suppressed: leak ? [{ leak, suppressions: [suppression] }] : [] };
}

/** What `check` found, of which everything says the same text. */
export async function hostileResults(text: string): Promise<CheckResults> {
  const report = await hostileReport(text);
  const source = { file: `/w/${text}.nix`, range };
  const named = { label: text, target: report.request.target, evaluateAs: text };
  return {
    evaluations: [
      {
        ...named,
        outcome: {
          kind: 'judged',
          report,
          known: [],
          fixes: [
            {
              title: text,
              edits: [{ ...source, newText: text }],
              repairs: report.leaks.map(({ input }) => input),
              proof: { kind: 'proven', statement: text },
            },
            {
              title: text,
              edits: [{ ...source, newText: text }],
              repairs: report.leaks.map(({ input }) => input),
              proof: { kind: 'unproven', reason: text },
            },
          ],
          fingerprints: new Map(),
        },
      },
      { ...named, outcome: { kind: 'failed', errors: [{ message: text, source, advice: text }] } },
    ],
    dependences: [
      {
        label: text,
        found: {
          severity: 'warning',
          systems: [text, `${text}2`],
          roots: ['/a', '/b'],
          places: [{ source, text, message: text, origins: [], derivations: [text] }],
        },
      },
    ],
    unusedSuppressions: [{ severity: 'warning', source, message: text, isUnused: true, edits: [] }],
    isList: true,
  };
}

/** What is in the store, with files whose names say the text. */
export function hostileVerification(text: string): Verification {
  const finding = { storePath: '/nix/store/a-b', file: text, found: text, expected: text, explanation: text };
  return {
    name: text,
    outputs: [
      { name: text, path: `/nix/store/${text}`, realised: true },
      { path: `/${text}`, realised: false },
    ],
    expected: { system: text, source: 'given', assumed: false },
    counts: { storePaths: 1, files: 1, executables: 1, libraries: 0, scripts: 0, foreignPaths: 1 },
    paths: [
      {
        storePath: `/nix/store/${text}`,
        path: ['/nix/store/a-a', `/nix/store/${text}`],
        findings: [
          { ...finding, severity: 'error' },
          { ...finding, severity: 'info' },
        ],
        omitted: { error: 0, warning: 0, info: 0 },
      },
    ],
    incomplete: [text],
  };
}

/** What a language server knows when everything says the text: one evaluation with a report, and one that failed. */
export async function hostileSnapshot(text: string): Promise<Snapshot> {
  const report = await hostileReport(text);
  const file = `/w/${text}.nix`;
  const ranges = RangeTracker.from(new Map(), []);
  const evaluation: Evaluation = {
    key: 'one',
    entry: {
      key: 'one',
      target: report.request.target,
      label: text,
      description: text,
      source: { file, range },
    },
    evaluateAs: text,
    isCompanion: false,
    running: undefined,
    evaluated: {
      id: 1,
      found: report,
      report,
      fixes: [
        {
          title: text,
          edits: [{ file, range, newText: text }],
          repairs: report.leaks.map(({ input }) => input),
          proof: { kind: 'unproven', reason: text },
        },
      ],
      isToBeProven: false,
      ranges,
      diskGeneration: 0,
      madeAt: new Date(0),
    },
    failure: undefined,
    notice: undefined,
  };
  const failed: Evaluation = {
    ...evaluation,
    key: 'two',
    entry: { ...evaluation.entry, key: 'two' },
    evaluated: undefined,
    failure: {
      errors: [
        { message: text, source: { file, range }, advice: text, action: { kind: 'lock', flake: '/w' } },
      ],
      ranges,
      diskGeneration: 0,
      nixUnavailable: false,
    },
  };
  return {
    trusted: true,
    clientCommands: true,
    workspaceRoots: ['/w'],
    settings: defaultSettings,
    documents: new Map(),
    diskTexts: new Map(),
    targets: [evaluation.entry, failed.entry, { ...evaluation.entry, key: 'three' }],
    searchProblem: text,
    searchAction: undefined,
    allowedPaths: [],
    textLimits: new Map(),
    searched: [{ name: text, isDone: true, targets: [], groups: [], problem: text }],
    targetGroups: [{ flake: '/w', system: text, label: text }],
    targetRanges: ranges,
    targetFiles: [],
    evaluations: [evaluation, failed],
    systemComparisons: [],
    evaluateAs: [text],
    preparing: undefined,
    fetching: undefined,
    notice: undefined,
    reportsId: 1,
    diskGeneration: 0,
    buildConfiguration: undefined,
    syntaxProblems: new Map([[file, [{ range, message: text }]]]),
  };
}
