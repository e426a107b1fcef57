import { pathToFileURL } from 'node:url';
import type { Invocation, Log, Notification, ReportingDescriptor, Result } from 'sarif';
import {
  explainedIds,
  explainedRule,
  problemSeverity,
  systemDependence,
  type ExplainedRule,
} from '../check/ruleHelp.ts';
import type { Severity } from '../model/judgement.ts';
import type { CheckResults, FormatContext } from './results.ts';
import { nameOfResult } from './results.ts';
import { markdownHelp, plainHelp } from './ruleText.ts';
import { locationOf, placeOnly, relatedLocations, sarifFixes, sourceRootId } from './sarifLocations.ts';
import { dependenceJson } from './dependenceText.ts';
import { rangeJson } from './toJson.ts';
import { targetPlaceOf, sentencesOf, toldFindings, type ToldFinding } from './toldFindings.ts';
import { unusedSuppressionJson } from './unusedSuppression.ts';
import { jsonText, sarifMessage } from './shown.ts';
import { countOf, endSentence } from './sentences.ts';

/** The word of SARIF for a severity. */
const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** Under which results are matched between runs; a new version of it where fingerprints change. */
const fingerprintName = 'nixPlatformLens/v1';

/** Static Analysis Results Interchange Format, version 2.1.0 (OASIS), as code scanning reads it. */
export function resultsSarif(results: CheckResults, { sourceRoot, version }: FormatContext): string {
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Nix Platform Lens',
            version,
            semanticVersion: version,
            rules: explainedIds.map((id) => descriptorOf(explainedRule(id))),
            notifications: notificationKinds,
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [sourceRootId]: { uri: pathToFileURL(`${sourceRoot}/`).href } },
        invocations: [invocationOf(results, sourceRoot)],
        results: [
          ...toldFindings(results, sourceRoot).map((told) =>
            resultOf(told, sourceRoot, results.gone !== undefined),
          ),
          ...suppressionResults(results, sourceRoot),
          ...dependenceResults(results, sourceRoot),
        ],
      },
    ],
  };
  return jsonText(log);
}

function descriptorOf(rule: ExplainedRule): ReportingDescriptor {
  const { id, title, summary, severity, meaning, manual, precision } = rule;
  return {
    id,
    name: ruleName(id),
    shortDescription: { text: endSentence(title) },
    fullDescription: { text: [summary, ...meaning].join(' ') },
    help: { text: plainHelp(rule), markdown: markdownHelp(rule) },
    ...(manual.url === undefined ? {} : { helpUri: manual.url }),
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: ['correctness', 'nix', 'cross-compilation'],
      precision,
      'problem.severity': problemSeverity[severity],
    },
  };
}

function resultOf(told: ToldFinding, root: string, hasBaseline: boolean): Result {
  const { finding, document, place, isKnown, seenIn } = told;
  const { rule, severity, fingerprint, leaks, bringsIn, origins } = finding;
  const fixes = sarifFixes(finding.fixes, root);
  return {
    ruleId: rule,
    ruleIndex: explainedIds.findIndex((id) => id === rule),
    level: levels[severity],
    message: { text: sarifMessage(sentencesOf(told).join(' ')) },
    ...(place && {
      locations: [origins[0] ? locationOf(place, root, origins[0].text) : placeOnly(place, root)],
    }),
    relatedLocations: relatedLocations(told, root),
    ...(fingerprint !== undefined && { partialFingerprints: { [fingerprintName]: fingerprint } }),
    ...(hasBaseline && { baselineState: isKnown ? 'unchanged' : 'new' }),
    ...(isKnown && {
      suppressions: [{ kind: 'external', status: 'accepted', justification: 'The baseline lists it.' }],
    }),
    ...(fixes.length > 0 && { fixes }),
    properties: {
      inputs: leaks.flatMap((index) => document.leaks[index]?.input.name ?? []),
      fingerprints: leaks.flatMap((index) => document.leaks[index]?.fingerprint ?? []),
      bringsIn,
      ...(seenIn.length > 0 && { seenIn }),
    },
  };
}

/** A suppression that allows nothing, or is not heeded, stands at its comment. */
function suppressionResults({ unusedSuppressions }: CheckResults, root: string): Result[] {
  return unusedSuppressions.map((finding) => {
    const { rule, severity, message, ...place } = unusedSuppressionJson(finding, root);
    return {
      ruleId: rule,
      ruleIndex: explainedIds.indexOf(rule),
      level: levels[severity],
      message: { text: sarifMessage(message) },
      locations: [placeOnly(place, root)],
    };
  });
}

/** A dependence on the evaluating machine stands at each expression through which it comes in. */
function dependenceResults({ dependences }: CheckResults, root: string): Result[] {
  return dependences.flatMap(({ label, found }) => {
    const { severity, systems } = dependenceJson(label, found, root);
    const subject = label === '' ? 'The target' : label;
    return found.places.map(({ source, text, message }) => ({
      ruleId: systemDependence,
      ruleIndex: explainedIds.indexOf(systemDependence),
      level: levels[severity],
      message: {
        text: sarifMessage(
          `${subject} depends on builtins.currentSystem: its roots as ${systems.join(' and ')} differ. ${endSentence(message)}`,
        ),
      },
      locations: [locationOf(rangeJson(source, root), root, text)],
    }));
  });
}

const notificationKinds: ReportingDescriptor[] = [
  notificationKind(
    'evaluation-failed',
    'A target could not be evaluated.',
    'Nothing is known of its closure. Evaluate it with Nix, and repair what Nix says.',
  ),
  notificationKind(
    'closure-incomplete',
    'A part of a closure could not be read.',
    'What hangs below a derivation that could not be read was not judged. Evaluate the target again; it may have been collected as garbage.',
  ),
];

function notificationKind(id: string, text: string, help: string): ReportingDescriptor {
  return {
    id,
    name: ruleName(id),
    shortDescription: { text },
    fullDescription: { text: `${text} ${help}` },
    help: { text: help },
  };
}

/** SARIF wants a name that differs from the id. */
function ruleName(id: string): string {
  return `${id.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Rule`;
}

function invocationOf({ evaluations }: CheckResults, root: string): Invocation {
  const notifications = evaluations.flatMap((evaluation): Notification[] => {
    const { outcome } = evaluation;
    const name = nameOfResult(evaluation);
    if (outcome.kind === 'failed') {
      return outcome.errors.map(({ message, source, advice }) => {
        const place = source ? rangeJson(source, root) : targetPlaceOf(evaluation, undefined, root);
        const text = [name === '' ? message : `${name}: ${message}`, advice ?? ''].filter(Boolean).join('\n');
        return {
          descriptor: { id: 'evaluation-failed' },
          level: 'error',
          message: { text: sarifMessage(text) },
          ...(place && { locations: [placeOnly(place, root)] }),
        };
      });
    }
    const { gaps } = outcome.report.graph;
    if (gaps.length === 0) return [];
    const text = `${countOf(gaps.length, 'derivation')} could not be read: ${gaps[0]?.message ?? ''}`;
    return [
      { descriptor: { id: 'closure-incomplete' }, level: 'warning', message: { text: sarifMessage(text) } },
    ];
  });
  return {
    executionSuccessful: evaluations.every(({ outcome }) => outcome.kind === 'judged'),
    toolExecutionNotifications: notifications,
  };
}
