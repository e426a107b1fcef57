import type { Finding } from '../check/findings.ts';
import { builtByText } from './buildersJson.ts';
import type { JsonFinding, JsonLeak, JsonRange, JsonReport, JsonSuppressedLeak } from './json.ts';
import type { Paint } from './paint.ts';
import { joinLines, terminalText } from './shown.ts';
import { countOf, formatNumber, oneLine, scriptLine } from './sentences.ts';
import { weightOf } from './weight.ts';

/**
 * The report for people: one block for each cause, short. Ends with a line break.
 *
 * @param findings those of which the document's findings were made
 */
export function toText(report: JsonReport, findings: readonly Finding[], paint: Paint): string {
  const notes = report.leaks.filter((leak) => leak.severity === 'info');
  const lines = [headingOf(report, paint), `  ${paint.dim(countsOf(report))}`];
  const builtBy = report.builtBy && builtByText(report.builtBy, formatNumber);
  if (builtBy !== undefined) lines.push(`  ${paint.dim(builtBy)}`);
  for (const [index, finding] of report.findings.entries()) {
    const weight = findings[index] && weightOf(findings[index]);
    if (finding.severity !== 'info') lines.push('', ...findingBlock(finding, weight, report, paint));
  }
  if (notes.length > 0) {
    lines.push('', paint.dim(`${countOf(notes.length, 'note')} (never an error):`));
    for (const note of notes.slice(0, 5))
      lines.push(paint.dim(`  ${notePlace(note)}${joinLines(note.explanation)}`));
    if (notes.length > 5)
      lines.push(paint.dim(`  and ${formatNumber(notes.length - 5)} more; --format json lists all`));
  }
  lines.push(...suppressedLines(report.suppressed, paint));
  for (const gap of report.gaps) lines.push('', `${paint.yellow('gap')}: ${joinLines(gap.message)}`);
  if (report.probes.fallbackReason !== undefined && report.leaks.length > 0) {
    lines.push(
      '',
      paint.dim(`Some sources could not be observed: ${joinLines(report.probes.fallbackReason)}`),
    );
  }
  return terminalText(lines);
}

function notePlace({ origins: [origin] }: JsonLeak): string {
  return origin ? `${placeOf(origin)}  ` : '';
}

/** What somebody allowed, each with the reason. */
function suppressedLines(suppressed: readonly JsonSuppressedLeak[], paint: Paint): string[] {
  if (suppressed.length === 0) return [];
  const rows = suppressed
    .slice(0, 5)
    .flatMap(({ input, rule, suppressions: [first] }) =>
      first ? `  ${placeOf(first)}  ${rule} of ${input.name}: ${oneLine(first.reason, 98)}` : [],
    );
  const rest = suppressed.length - rows.length;
  return [
    '',
    paint.dim(`${formatNumber(suppressed.length)} suppressed:`),
    ...rows.map(paint.dim),
    ...(rest > 0 ? [paint.dim(`  and ${formatNumber(rest)} more; --format json lists all`)] : []),
  ];
}

/** What is told of a closure on one line. */
export function headingOf(report: JsonReport, paint: Paint): string {
  const errors = report.leaks.some(({ severity }) => severity === 'error');
  const warnings = report.leaks.some(({ severity }) => severity === 'warning');
  const clean = report.gaps.length === 0 ? paint.green('✓') : paint.yellow('?');
  const sign = errors ? paint.red('✗') : warnings ? paint.yellow('!') : clean;
  return `${sign} ${paint.bold(report.root.name)}, evaluated as ${report.evaluatedAs}: ${verdictOf(report)}`;
}

/** What was found, in a few words: `2 leaks, 1 warning`. */
export function verdictOf({
  leaks,
  known,
  gaps,
  suppressed,
  rules,
}: Pick<JsonReport, 'leaks' | 'known' | 'gaps' | 'suppressed' | 'rules'>): string {
  const errors = leaks.filter(({ severity }) => severity === 'error').length;
  const warnings = leaks.filter(({ severity }) => severity === 'warning').length;
  const counted = [
    errors > 0 ? countOf(errors, 'leak') : '',
    warnings > 0 ? countOf(warnings, 'warning') : '',
    suppressed.length > 0 ? `${formatNumber(suppressed.length)} suppressed` : '',
  ].filter((part) => part !== '');
  const isWhole =
    known === undefined && Object.values(rules).every((level) => level !== 'off' && level !== 'info');
  const clean = isWhole
    ? 'every input runs where its consumer needs it'
    : known === undefined
      ? 'no error and no warning'
      : 'no new leak';
  const found = counted.length > 0 ? counted.join(', ') : clean;
  const off = Object.keys(rules).filter((rule) => rules[rule] === 'off');
  const asides = [
    known === undefined ? '' : ` (the baseline knows ${formatNumber(known)})`,
    off.length > 0 ? ` (off: ${off.join(', ')})` : '',
  ];
  const verdict = found + asides.join('');
  return gaps.length === 0 ? verdict : `${verdict}, as far as it could be read`;
}

/** The size of the closure: `37 derivations (22 x86_64-darwin, …), 85 edges`. */
export function countsOf({ closure }: JsonReport): string {
  const systems = Object.entries(closure.bySystem).sort(([, a], [, b]) => b - a);
  const parts = systems.map(([system, count]) => `${formatNumber(count)} ${system}`);
  return `${countOf(closure.derivations, 'derivation')} (${parts.join(', ')}), ${countOf(closure.edges, 'edge')}`;
}

function findingBlock(
  finding: JsonFinding,
  weight: string | undefined,
  report: JsonReport,
  paint: Paint,
): string[] {
  const { cause, origins } = finding;
  const [origin, ...otherOrigins] = origins;
  const severity = finding.severity === 'error' ? paint.red('error') : paint.yellow('warning');
  const lines = [`${severity}: ${joinLines(finding.explanation)}`];
  const row = (label: string, text: string): void =>
    void lines.push(`  ${paint.dim(label.padEnd(7))} ${text}`);
  if (origin) {
    row('origin', `${paint.bold(placeOf(origin))}  ${oneLine(origin.text, 98)}`);
    if (otherOrigins.length > 0)
      row('also', otherOrigins.slice(0, 4).map(placeOf).join(', ') + (otherOrigins.length > 4 ? ', …' : ''));
    if (origin.through !== undefined) row('', `this is ${origin.through}, through which it comes in`);
  } else {
    row('origin', 'no expression of the workspace was seen to have this value');
  }
  for (const { variable, line, text, of } of (finding.scripts ?? []).slice(0, 3))
    row('script', `${variable}:${line}${of === undefined ? '' : ` of ${of}`}  ${scriptLine(text)}`);
  if (cause) row('cause', cause.file === undefined ? cause.message : `${placeOf(cause)}  ${cause.message}`);
  for (const leak of leaksOf(finding, report)) {
    const uses = leak.consumers.length > 0 ? `: ${consumersOf(leak)}` : '';
    row('input', `${leak.input.name} (${leak.input.buildSystem})${uses}`);
    if (leak.path.length > 1) row('path', leak.path.join(' → '));
  }
  if (weight !== undefined) row('weight', weight);
  return lines;
}

/** The leaks of a finding, the worst first. */
function leaksOf({ leaks }: JsonFinding, report: JsonReport): JsonLeak[] {
  return leaks.flatMap((index) => report.leaks[index] ?? []);
}

/** Who uses it, and how: `buildInputs of app, reference of lib and 2 more`. */
export function consumersOf({ consumers }: JsonLeak): string {
  const parts = consumers.slice(0, 3).map(({ name, role }) => `${role} of ${name}`);
  const more = consumers.length - parts.length;
  return parts.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** `release.nix:19:13`. */
export function placeOf({ file, line, column }: Partial<JsonRange>): string {
  return `${file ?? ''}:${line ?? 1}:${column ?? 1}`;
}
