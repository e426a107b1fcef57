import { relative } from 'node:path';
import type { PolicedReport, SuppressedLeak } from '../check/policy.ts';
import type { AttributedLeak } from '../check/report.ts';
import type { DerivationGraph } from '../derivation/graph.ts';
import type { Fix } from '../fixes/fix.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Range, SourceRange } from '../model/location.ts';
import type { EvaluationTarget } from '../model/target.ts';
import type { JsonDerivation, JsonLeak, JsonRange, JsonReport, JsonSuppressedLeak } from './json.ts';

/** The report in the command's JSON form. `directory` is what file names are relative to. */
export function toJson(report: PolicedReport, fixes: readonly Fix[], directory: string): JsonReport {
  const { graph } = report;
  return {
    version: 1,
    target: targetJson(report.request.target, directory),
    evaluatedAs: report.evaluatedAs,
    root: derivationJson(graph, graph.root),
    closure: {
      derivations: graph.size,
      edges: graph.edgeCount,
      bySystem: Object.fromEntries(report.judgement.bySystem),
    },
    leaks: report.leaks.map((leak) => leakJson(leak, graph, fixes, directory)),
    suppressed: report.suppressed.map((leak) => suppressedJson(leak, graph, directory)),
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

function derivationJson(graph: DerivationGraph, id: DerivationId): JsonDerivation {
  const { drvPath, name, system, host } = graph.derivation(id);
  return { drvPath, name, buildSystem: system, hostSystem: host.kind === 'system' ? host.system : null };
}

function leakJson(
  leak: AttributedLeak,
  graph: DerivationGraph,
  fixes: readonly Fix[],
  directory: string,
): JsonLeak {
  const { cause } = leak;
  const at = cause?.source && rangeJson(cause.source, directory);
  return {
    input: derivationJson(graph, leak.input),
    severity: leak.severity,
    rule: leak.rule,
    explanation: leak.explanation,
    consumers: leak.edges.flatMap((edge) => {
      const { drvPath, name } = graph.derivation(edge.consumer);
      return edge.roles.map((role) => ({ drvPath, name, role }));
    }),
    bringsIn: leak.bringsIn,
    path: leak.path.map((id) => graph.derivation(id).name),
    origins: leak.origins.map(({ source, text, through }) => ({
      ...rangeJson(source, directory),
      text,
      ...(through ? { through } : {}),
    })),
    ...(cause
      ? {
          cause: {
            kind: cause.kind,
            ...(at
              ? {
                  file: at.file,
                  line: at.line,
                  column: at.column,
                  endLine: at.endLine,
                  endColumn: at.endColumn,
                }
              : {}),
            ...(cause.text !== undefined ? { text: cause.text } : {}),
            message: cause.message,
            steps: cause.steps.map((step) => ({
              ...rangeJson(step.source, directory),
              text: step.text,
              message: step.message,
            })),
          },
        }
      : {}),
    fixes: fixes
      .filter((fix) => fix.repairs.includes(leak.input))
      .map((fix) => ({
        title: fix.title,
        edits: fix.edits.map((edit) => ({ ...rangeJson(edit, directory), newText: edit.newText })),
        proven: fix.proof.kind === 'proven',
        proof: fix.proof.kind === 'proven' ? fix.proof.statement : fix.proof.reason,
      })),
  };
}

function suppressedJson(
  { leak, suppressions }: SuppressedLeak,
  graph: DerivationGraph,
  directory: string,
): JsonSuppressedLeak {
  return {
    ...leakJson(leak, graph, [], directory),
    suppressions: suppressions.map(({ source, rules, reason }) => ({
      ...rangeJson(source, directory),
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
