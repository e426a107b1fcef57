import { labelOfSystem } from '../binary/systemCode.ts';
import { groupBy } from '../model/groupBy.ts';
import type { Severity } from '../model/judgement.ts';
import { nameOf } from '../model/storePath.ts';
import {
  stateOfVerification,
  type ExpectationSource,
  type FileFinding,
  type Verification,
  type VerifiedPath,
} from '../model/verification.ts';
import type { Paint } from './paint.ts';
import { joinLines, terminalText } from './shown.ts';
import { countOf, formatNumber, listOf } from './sentences.ts';

/** What is really in the store, for people: a block for each store path and platform. Ends with a line break. */
export function verificationText(verification: Verification, paint: Paint): string {
  const lines = [
    `${signOf(verification, paint)} ${paint.bold(verification.name)}: ${verificationVerdict(verification)}`,
  ];
  const { expected } = verification;
  if (expected) {
    lines.push(
      `  ${paint.dim(`expected   ${labelOfSystem(expected.system)} (${expected.system}: ${sources[expected.source]})`)}`,
      `  ${paint.dim(`looked at  ${countsOf(verification)}`)}`,
    );
  }
  for (const { name, path, realised } of verification.outputs) {
    if (realised) continue;
    const which = name === undefined ? '' : ` (${name})`;
    if (path !== undefined) lines.push(`  ${paint.yellow('absent')}     ${path}${which}`);
  }
  lines.push(...absentAdvice(verification));
  for (const path of verification.paths) {
    for (const group of findingGroups(path, ['error', 'warning']))
      lines.push('', ...block(group, path, paint));
  }
  lines.push(...notes(verification, paint));
  for (const reason of verification.incomplete)
    lines.push('', `${paint.yellow('incomplete')}: ${joinLines(reason)}`);
  return terminalText(lines);
}

const sources: Readonly<Record<ExpectationSource, string>> = {
  given: 'as was asked for',
  derivation: 'the host platform of its derivation',
  'this-machine': 'this machine, since no derivation says it; --expect SYSTEM does',
};

function signOf(verification: Verification, paint: Paint): string {
  switch (stateOfVerification(verification)) {
    case 'right':
      return paint.green('✓');
    case 'wrong':
      return paint.red('✗');
    case 'absent':
    case 'unknown':
      return paint.yellow('?');
  }
}

/** In a few words: `3 files are for another platform`. */
export function verificationVerdict(verification: Verification): string {
  const { outputs, expected, incomplete } = verification;
  const absent = outputs.filter(({ realised }) => !realised).length;
  if (!outputs.some(({ path }) => path !== undefined))
    return 'where its outputs lie is known only once it is built';
  if (absent === outputs.length) return 'nothing of it is in the store yet';
  const part = absent === 0 ? '' : ` (${absent} of ${countOf(outputs.length, 'output')} not in the store)`;
  const count = (severity: Severity): number =>
    verification.paths.reduce(
      (sum, { findings, omitted }) =>
        sum + omitted[severity] + findings.filter((finding) => finding.severity === severity).length,
      0,
    );
  const [errors, warnings] = [count('error'), count('warning')];
  const system = expected?.system ?? '';
  if (errors > 0) return `${countOf(errors, 'file')} cannot run on ${system}${part}`;
  if (warnings > 0) return `${countOf(warnings, 'file')} may not run on ${system}${part}`;
  if (incomplete.length > 0) return `nothing wrong was found, but not everything was looked at${part}`;
  return `everything in it runs on ${system}${part}`;
}

function countsOf({ counts }: Verification): string {
  const kinds = [
    countOf(counts.executables, 'executable'),
    counts.libraries === 1 ? '1 library' : `${formatNumber(counts.libraries)} libraries`,
    countOf(counts.scripts, 'script'),
  ].join(', ');
  return `${countOf(counts.files, 'file')} of ${countOf(counts.storePaths, 'store path')}: ${kinds}`;
}

function absentAdvice({ outputs, drvPath }: Verification): string[] {
  if (outputs.some(({ realised }) => realised)) return [];
  if (!outputs.some(({ path }) => path !== undefined) && drvPath !== undefined)
    return [`  Verify the store path that this prints instead: nix-store --realise ${drvPath}`];
  const build = drvPath === undefined ? 'build it, or copy it here' : `nix-store --realise ${drvPath}`;
  return [`  Nothing is built or downloaded by this command. First: ${build}`];
}

/** Findings that say the same of one store path's files. */
interface FindingGroup {
  readonly first: FileFinding;
  readonly files: readonly string[];
  /** Files of that severity that were not listed. */
  readonly more: number;
}

function findingGroups(
  { findings, omitted }: VerifiedPath,
  severities: readonly Severity[],
): readonly FindingGroup[] {
  const told = findings.filter(({ severity }) => severities.includes(severity));
  const groups = [
    ...groupBy(told, (one) => `${one.severity} ${one.found} ${one.explanation ?? ''}`).values(),
  ];
  const lastOf = new Map(groups.map((group) => [group[0].severity, group]));
  return groups.map((group) => {
    const [first] = group;
    return {
      first,
      files: group.map(({ file }) => file),
      more: lastOf.get(first.severity) === group ? omitted[first.severity] : 0,
    };
  });
}

/** So many files of a group are named. */
const namedFiles = 6;

function block({ first, files, more }: FindingGroup, path: VerifiedPath, paint: Paint): string[] {
  const { severity, found, expected, explanation } = first;
  const label = severity === 'error' ? paint.red('error') : paint.yellow('warning');
  const [file = '', ...others] = files;
  const named = file === '' ? nameOf(path.storePath) : file;
  const all = others.length + more;
  const shown = others.slice(0, namedFiles);
  const also = [shown.join(', '), all > shown.length ? `${formatNumber(all - shown.length)} more` : ''];
  return [
    `${label}: ${paint.bold(named)}: ${found}, expected ${expected}`,
    `  in    ${path.storePath}`,
    ...(all > 0 ? [`  also  ${also.filter((text) => text !== '').join(' and ')}`] : []),
    ...(explanation === undefined ? [] : [`  why   ${joinLines(explanation)}`]),
    ...(path.path.length > 1 ? [`  path  ${path.path.map((step) => nameOf(step)).join(' → ')}`] : []),
  ];
}

const namedNotes = 5;

function notes({ paths, counts }: Verification, paint: Paint): string[] {
  const entries = paths.filter(({ findings, madeFor }) => madeFor !== undefined && findings.length === 0);
  const groups = paths.flatMap((path) => findingGroups(path, ['info']).map((group) => ({ path, ...group })));
  const lines: string[] = [];
  if (entries.length > 0) {
    const systems = [...new Set(entries.map(({ madeFor }) => madeFor))].join(', ');
    lines.push(
      `${countOf(counts.foreignPaths, 'store path')} made for ${systems} on purpose, as far as can be seen: ${listOf(entries.map(({ storePath }) => nameOf(storePath)))}`,
    );
  }
  for (const { path, first, files, more } of groups.slice(0, namedNotes)) {
    const [file = ''] = files;
    const others = files.length + more - 1;
    const place = `${nameOf(path.storePath)}${file === '' ? '' : `/${file}`}`;
    lines.push(
      `${place}${others > 0 ? ` and ${formatNumber(others)} more` : ''}: ${first.found}; ${first.explanation ?? ''}`,
    );
  }
  if (groups.length > namedNotes)
    lines.push(`and ${formatNumber(groups.length - namedNotes)} more; --format json lists all`);
  return lines.length === 0 ? [] : ['', ...lines.map((line) => paint.dim(`note: ${line}`))];
}
