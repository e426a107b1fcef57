import { decodeMessage } from '../../server/src/nix/messages.ts';
import { LineSplitter } from '../../server/src/nix/lineSplitter.ts';
import { measure, median, milliseconds, printRow } from '../support/benchmark.ts';

/*
 * What a probed evaluation of a large target prints: 50,000 traces, split into
 * lines and decoded.
 */
const count = 50_000;
const lines = Array.from(
  { length: count },
  (_, index) =>
    `@nix ${JSON.stringify({ action: 'msg', level: 0, msg: `trace: probe ${index} ${'x'.repeat(120)}` })}`,
);
const bytes = Buffer.from(lines.join('\n'));

const times = await measure(7, () => {
  let traces = 0;
  const splitter = new LineSplitter((line) => {
    if (decodeMessage(line)?.kind === 'trace') traces++;
  });
  for (let start = 0; start < bytes.length; start += 65536)
    splitter.push(bytes.subarray(start, start + 65536));
  splitter.end();
  if (traces !== count) throw new Error(`${traces} traces of ${count}`);
  return Promise.resolve();
});
const middle = median(times);
printRow({
  subject: `${count.toLocaleString('en')} traces of a Nix, decoded`,
  measured: milliseconds(middle),
  goal: '< 1,000 ms',
  met: middle < 1000,
});
