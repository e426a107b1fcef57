import type { JsonLeak, JsonRange, JsonReport, JsonSuppressedLeak } from './json.ts';

/** Paints text for a terminal; the identity where there is none. */
export interface Paint {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const identity = (text: string): string => text;
export const plainPaint: Paint = {
  red: identity,
  yellow: identity,
  green: identity,
  bold: identity,
  dim: identity,
};

/** Terminal colours by the ECMA-48 sequences. */
export const terminalPaint: Paint = {
  red: (text) => `\u001b[31m${text}\u001b[39m`,
  yellow: (text) => `\u001b[33m${text}\u001b[39m`,
  green: (text) => `\u001b[32m${text}\u001b[39m`,
  bold: (text) => `\u001b[1m${text}\u001b[22m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** The report for people: one block for each cause, short. Ends with a line break. */
export function toText(report: JsonReport, paint: Paint): string {
  const groups = groupByPlace(report.leaks.filter((leak) => leak.severity !== 'info'));
  const notes = report.leaks.filter((leak) => leak.severity === 'info');
  const lines = [heading(report, groups, paint), `  ${paint.dim(counts(report))}`];
  for (const leaks of groups) lines.push('', ...leakBlock(leaks, report.leaks, paint));
  if (notes.length > 0) {
    lines.push('', paint.dim(`${plural(notes.length, 'note')} (never an error):`));
    for (const note of notes.slice(0, 5)) lines.push(paint.dim(`  ${note.explanation}`));
    if (notes.length > 5)
      lines.push(paint.dim(`  and ${formatNumber(notes.length - 5)} more; --format json lists all`));
  }
  lines.push(...suppressedLines(report.suppressed, paint));
  for (const gap of report.gaps) lines.push('', `${paint.yellow('gap')}: ${gap.message}`);
  if (report.probes.fallbackReason !== undefined && report.leaks.length > 0) {
    lines.push('', paint.dim(`Some sources could not be observed: ${report.probes.fallbackReason}`));
  }
  return `${lines.join('\n')}\n`;
}

function heading(report: JsonReport, groups: readonly JsonLeak[][], paint: Paint): string {
  const errors = groups.flat().filter((leak) => leak.severity === 'error').length;
  const warnings = groups.flat().length - errors;
  const isWhole = report.gaps.length === 0;
  const clean = isWhole ? paint.green('✓') : paint.yellow('?');
  const sign = errors > 0 ? paint.red('✗') : warnings > 0 ? paint.yellow('!') : clean;
  const suppressed = report.suppressed.length;
  const verdict =
    errors + warnings + suppressed === 0
      ? 'every input runs where its consumer needs it'
      : [
          errors > 0 ? plural(errors, 'leak') : '',
          warnings > 0 ? plural(warnings, 'warning') : '',
          suppressed > 0 ? `${formatNumber(suppressed)} suppressed` : '',
        ]
          .filter((part) => part !== '')
          .join(', ');
  const off = Object.keys(report.rules).filter((rule) => report.rules[rule] === 'off');
  const asked = off.length > 0 ? ` (off: ${off.join(', ')})` : '';
  const extent = isWhole ? '' : ', as far as it could be read';
  return `${sign} ${paint.bold(report.root.name)}, evaluated as ${report.evaluatedAs}: ${verdict}${asked}${extent}`;
}

/** What somebody allowed, each with the reason. */
function suppressedLines(suppressed: readonly JsonSuppressedLeak[], paint: Paint): string[] {
  if (suppressed.length === 0) return [];
  const rows = suppressed
    .slice(0, 5)
    .flatMap(({ input, rule, suppressions: [first] }) =>
      first ? `  ${place(first)}  ${rule} of ${input.name}: ${oneLine(first.reason)}` : [],
    );
  const rest = suppressed.length - rows.length;
  return [
    '',
    paint.dim(`${formatNumber(suppressed.length)} suppressed:`),
    ...rows.map(paint.dim),
    ...(rest > 0 ? [paint.dim(`  and ${formatNumber(rest)} more; --format json lists all`)] : []),
  ];
}

function counts({ closure }: JsonReport): string {
  const systems = Object.entries(closure.bySystem).sort(([, a], [, b]) => b - a);
  const parts = systems.map(([system, count]) => `${formatNumber(count)} ${system}`);
  return `${plural(closure.derivations, 'derivation')} (${parts.join(', ')}), ${plural(closure.edges, 'edge')}`;
}

/** Leaks that enter at one place and have one cause are told together. */
function groupByPlace(leaks: readonly JsonLeak[]): JsonLeak[][] {
  const groups = new Map<string, JsonLeak[]>();
  for (const leak of leaks) {
    const origin = leak.origins[0];
    const key = origin
      ? `${place(origin)} ${leak.cause?.file ?? ''}:${leak.cause?.line ?? ''}:${leak.cause?.column ?? ''}`
      : leak.input.drvPath;
    groups.set(key, [...(groups.get(key) ?? []), leak]);
  }
  return [...groups.values()];
}

/** Leaks besides these that have the same cause: what they bring in is counted for all together. */
function othersOfCause(leaks: readonly JsonLeak[], all: readonly JsonLeak[]): number {
  const cause = leaks[0]?.cause;
  if (cause?.file === undefined) return 0;
  const isSame = ({ bringsIn, cause: theirs }: JsonLeak): boolean =>
    bringsIn === leaks[0]?.bringsIn &&
    theirs !== undefined &&
    theirs.file === cause.file &&
    theirs.line === cause.line &&
    theirs.column === cause.column;
  return all.filter((other) => !leaks.includes(other) && isSame(other)).length;
}

function leakBlock(leaks: readonly JsonLeak[], all: readonly JsonLeak[], paint: Paint): string[] {
  const [first] = leaks;
  if (!first) return [];
  const origin = first.origins[0];
  const severity = first.severity === 'error' ? paint.red('error') : paint.yellow('warning');
  const lines = [`${severity}: ${first.explanation}`];
  const row = (label: string, text: string): void =>
    void lines.push(`  ${paint.dim(label.padEnd(7))} ${text}`);
  if (origin) {
    row('origin', `${paint.bold(place(origin))}  ${oneLine(origin.text)}`);
    const others = first.origins.slice(1);
    if (others.length > 0)
      row('also', others.slice(0, 4).map(place).join(', ') + (others.length > 4 ? ', …' : ''));
    if (origin.through !== undefined) row('', `this is ${origin.through}, through which it comes in`);
  } else {
    row('origin', 'no expression of the workspace was seen to have this value');
  }
  const cause = first.cause;
  if (cause) row('cause', cause.file === undefined ? cause.message : `${place(cause)}  ${cause.message}`);
  for (const leak of leaks) {
    row('input', `${leak.input.name} (${leak.input.buildSystem}): ${consumers(leak)}`);
    row('path', leak.path.join(' → '));
  }
  const others = othersOfCause(leaks, all);
  const alsoThrough = others > 0 ? `, with ${plural(others, 'other input')} of this cause,` : '';
  const inputs =
    leaks.length > 1 ? `these ${leaks.length} inputs${alsoThrough} bring` : `it${alsoThrough} brings`;
  if (first.bringsIn > 0) row('weight', `${inputs} in ${plural(first.bringsIn, 'foreign derivation')}`);
  for (const fix of first.fixes) {
    const edit = fix.edits[0];
    const at = edit ? `${place(edit)}  ` : '';
    row(
      'fix',
      `${at}${fix.title} ${fix.proven ? paint.green(`(proven: ${fix.proof})`) : paint.dim(`(not proven: ${oneLine(fix.proof)})`)}`,
    );
  }
  return lines;
}

function consumers(leak: JsonLeak): string {
  const parts = leak.consumers.slice(0, 3).map(({ name, role }) => `${role} of ${name}`);
  const more = leak.consumers.length - parts.length;
  return parts.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function place(range: Partial<JsonRange>): string {
  return `${range.file ?? ''}:${range.line ?? 1}:${range.column ?? 1}`;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 97)}…` : line;
}

function plural(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function formatNumber(count: number): string {
  return count.toLocaleString('en-US');
}
