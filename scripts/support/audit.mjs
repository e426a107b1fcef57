/**
 * Reads what `npm audit --json` printed.
 * @param {string} printed
 * @returns {{ verdict: 'good' | 'bad' | 'unknown', text: string }} `unknown`: nothing was asked, or nothing answered
 */
export function readAudit(printed) {
  const report = parse(printed);
  const counts = report?.metadata?.vulnerabilities;
  if (typeof counts?.total !== 'number') {
    const reason = typeof report?.message === 'string' ? report.message : printed.trim().slice(0, 200);
    return {
      verdict: 'unknown',
      text: `npm audit: NOT CHECKED. The registry gave no answer: ${reason || 'nothing was printed'}`,
    };
  }
  const { high = 0, critical = 0, total } = counts;
  const names = Object.values(report.vulnerabilities ?? {}).map(
    ({ name, severity, range }) => `  ${name} ${range}: ${severity}`,
  );
  const bad = high + critical > 0;
  const sum =
    total === 0 ? 'no known faults' : `${total} known faults, ${high + critical} of them high or critical`;
  return { verdict: bad ? 'bad' : 'good', text: [`npm audit: ${sum}`, ...names].join('\n') };
}

/** @param {string} printed */
function parse(printed) {
  try {
    return JSON.parse(printed);
  } catch {
    // An old npm, or none: what it printed is told.
    return undefined;
  }
}
