import { relative } from 'node:path';
import type { Finding, Leaks } from '../check/findings.ts';
import { scriptPlaces } from '../check/scripts/scriptPlaces.ts';
import type { PolicedReport, SuppressedLeak } from '../check/policy.ts';
import { decisiveCause, type AttributedLeak, type Origin, type Report } from '../model/report.ts';
import { groupBy } from '../model/groupBy.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { Fix, FixProof } from '../fixes/fix.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Range, SourceRange } from '../model/location.ts';
import type { EvaluationTarget } from '../model/target.ts';
import { buildersJson, builtByJson } from './buildersJson.ts';
import { fingerprintOfFinding, type Fingerprints } from './fingerprints.ts';
import type {
  JsonCause,
  JsonDerivation,
  JsonFinding,
  JsonFix,
  JsonLeak,
  JsonRange,
  JsonReport,
  JsonSuppressedLeak,
} from './json.ts';

const noFingerprints: Fingerprints = new Map();

/** The report in the command's JSON form. `directory` is what file names are relative to. */
export function toJson(
  report: PolicedReport,
  fixes: readonly Fix[],
  directory: string,
  fingerprints = noFingerprints,
): JsonReport {
  const { graph } = report;
  const context: Context = {
    report,
    leakNumbers: new Map([...report.leaks.entries()].map(([number, leak]) => [leak, number])),
    fixes: fixesByInput(fixes),
    directory,
    fingerprints,
  };
  return {
    version: 1,
    target: targetJson(report.request.target, directory),
    evaluatedAs: report.evaluatedAs,
    ...(report.request.expect === undefined ? {} : { expect: report.request.expect }),
    root: derivationJson(graph, graph.root),
    closure: {
      derivations: graph.size,
      edges: graph.edgeCount,
      bySystem: Object.fromEntries(report.judgement.bySystem),
    },
    ...(report.builders && { builtBy: builtByJson(graph, report.builders) }),
    leaks: report.leaks.map((leak) => leakJson(leak, context)),
    findings: report.findings.map((finding) => findingJson(finding, context)),
    suppressed: report.suppressed.map((leak) => suppressedJson(leak, context)),
    rules: report.levels,
    gaps: graph.gaps.map(({ drvPath, message }) => ({ drvPath, message })),
    errors: [],
    probes: report.probes,
    timings: Object.fromEntries(report.timings),
  };
}

/** A path as the person would type it from `directory`. */
export function displayPath(file: string, directory: string): string {
  return relative(directory, file) || '.';
}

function targetJson(target: EvaluationTarget, directory: string): JsonReport['target'] {
  switch (target.kind) {
    case 'file':
      return {
        kind: 'file',
        file: target.file.startsWith('<') ? target.file : displayPath(target.file, directory),
        attribute: target.attribute,
        ...target.arguments,
      };
    case 'flake':
      return { kind: 'flake', flake: target.flake, attribute: target.attribute, ...target.arguments };
    case 'expression': {
      const { kind, expression, attribute } = target;
      return { kind, expression, attribute, ...target.arguments };
    }
    case 'composed': {
      const { arguments: given, ...named } = target;
      return { ...named, file: displayPath(target.file, directory), ...given };
    }
    case 'derivation':
      return { kind: 'derivation', drvPath: target.drvPath };
  }
}

export function derivationJson(graph: DerivationGraph, id: DerivationId): JsonDerivation {
  const { drvPath, name, system, host, target } = graph.derivation(id);
  return {
    drvPath,
    name,
    buildSystem: system,
    hostSystem: host.kind === 'system' ? host.system : null,
    ...(target && { targetSystem: target.system }),
  };
}

interface NumberedFix {
  readonly fix: Fix;
  readonly number: number;
}

function fixesByInput(fixes: readonly Fix[]): Map<DerivationId, NumberedFix[]> {
  const numbered = fixes.flatMap((fix, number) => fix.repairs.map((input) => ({ input, fix, number })));
  return groupBy(numbered, ({ input }) => input);
}

/** The repairs of some leaks, without repetition, in the order in which they are offered. */
function fixesOf(leaks: readonly AttributedLeak[], { fixes }: Context): Fix[] {
  const found = new Map(
    leaks.flatMap(({ input }) => (fixes.get(input) ?? []).map(({ fix, number }) => [number, fix])),
  );
  return [...found].sort(([one], [other]) => one - other).map(([, fix]) => fix);
}

/** What the parts of the document are made of. */
interface Context {
  readonly report: Report;
  readonly leakNumbers: ReadonlyMap<AttributedLeak, number>;
  /** Each with its place in the order in which they are offered. */
  readonly fixes: ReadonlyMap<DerivationId, readonly NumberedFix[]>;
  readonly directory: string;
  readonly fingerprints: Fingerprints;
}

function leakJson(leak: AttributedLeak, context: Context): JsonLeak {
  const { graph, builders } = context.report;
  const fingerprint = context.fingerprints.get(leak)?.hash;
  return {
    input: derivationJson(graph, leak.input),
    severity: leak.severity,
    rule: leak.rule,
    ...(fingerprint !== undefined && { fingerprint }),
    explanation: leak.explanation,
    ...(builders && { builders: buildersJson(graph.derivation(leak.input), builders) }),
    consumers: leak.edges.flatMap((edge) => {
      const { drvPath, name } = graph.derivation(edge.consumer);
      return edge.roles.map((role) => ({ drvPath, name, role }));
    }),
    bringsIn: leak.bringsIn,
    path: leak.path.map((id) => graph.derivation(id).name),
    ...sourceJson(leak.origins, [leak], context),
  };
}

function findingJson(finding: Finding, context: Context): JsonFinding {
  const { leaks, severity, bringsIn, origins } = finding;
  const [{ rule, explanation }] = leaks;
  const fingerprint = fingerprintOfFinding(leaks, context.fingerprints);
  return {
    severity,
    rule,
    ...(fingerprint !== undefined && { fingerprint }),
    explanation,
    leaks: leaks.flatMap((leak) => context.leakNumbers.get(leak) ?? []),
    bringsIn,
    ...sourceJson(origins, leaks, context),
  };
}

/** Where it comes in, why, and what repairs it. */
function sourceJson(
  origins: readonly Origin[],
  leaks: Leaks,
  context: Context,
): Pick<JsonFinding, 'scripts' | 'origins' | 'cause' | 'fixes'> {
  const { report, directory } = context;
  const [worst] = leaks;
  const scripts = scriptPlaces(leaks.flatMap(({ edges, faults }) => [...edges, ...faults]));
  return {
    ...(scripts.length > 0 && {
      scripts: scripts.map(({ variable, line, text, times, of }) => ({
        variable,
        line,
        text,
        ...(times !== undefined && { times }),
        ...(of !== undefined && { of: report.graph.derivation(of).name }),
      })),
    }),
    origins: origins.map(({ source, text, through }) => ({
      ...rangeJson(source, directory),
      text,
      ...(through ? { through } : {}),
    })),
    ...causeJson(worst, report, directory),
    fixes: fixesOf(leaks, context).map((fix) => fixJson(fix, directory)),
  };
}

export function fixJson({ title, edits, proof }: Fix, directory: string): JsonFix {
  return {
    title,
    edits: edits.map((edit) => ({ ...rangeJson(edit, directory), newText: edit.newText })),
    ...proofJson(proof),
  };
}

function proofJson(proof: FixProof): Pick<JsonFix, 'proven' | 'partial' | 'proof'> {
  if (proof.kind === 'unproven') return { proven: false, proof: proof.reason };
  return { proven: true, ...(proof.isPartial && { partial: true }), proof: proof.statement };
}

function causeJson(leak: AttributedLeak, report: Report, directory: string): { cause?: JsonCause } {
  if (!leak.reason) return {};
  const { kind, message, steps } = leak.reason;
  const { source, text } = decisiveCause(leak, report) ?? {};
  const cause = {
    kind,
    ...(source && rangeJson(source, directory)),
    ...(text !== undefined && { text }),
    message,
    steps: steps.map((step) => ({
      ...rangeJson(step.source, directory),
      text: step.text,
      message: step.message,
    })),
  };
  return { cause };
}

function suppressedJson({ leak, suppressions }: SuppressedLeak, context: Context): JsonSuppressedLeak {
  return {
    ...leakJson(leak, { ...context, fixes: new Map() }),
    suppressions: suppressions.map(({ source, rules, reason }) => ({
      ...rangeJson(source, context.directory),
      rules,
      reason,
    })),
  };
}

/** A range as people count: from one. */
export function rangeJson(source: SourceRange, directory: string): JsonRange {
  return { file: displayPath(source.file, directory), ...oneBased(source.range) };
}

function oneBased({ start, end }: Range): Omit<JsonRange, 'file'> {
  return {
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}
