/** One line of the table that `npm run bench` prints. */
export interface BenchmarkRow {
  /** What was measured, e.g. `server start to first answer`. */
  readonly subject: string;
  /** With its unit, e.g. `212 ms` or `1.08 ×`. */
  readonly measured: string;
  /** What it is compared with, e.g. `nix-instantiate 1,020 ms`. */
  readonly reference?: string;
  /** In words, e.g. `< 300 ms`. */
  readonly goal?: string;
  readonly met?: boolean;
}

/** Hands a row to `npm run bench`; on its own, a benchmark prints its rows as JSON, one a line. */
export function printRow(row: BenchmarkRow): void {
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

/** The middle one of some measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('A median needs at least one value.');
  return middle;
}

/** The smallest of some measurements that at least `percent` of 100 do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
  if (value === undefined) throw new Error('A percentile needs at least one value.');
  return value;
}

/** Milliseconds that each of some runs of `work` took, one after the other. */
export async function measure(runs: number, work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}

/** E.g. `1,020 ms`. */
export function milliseconds(value: number): string {
  return `${value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 })} ms`;
}
