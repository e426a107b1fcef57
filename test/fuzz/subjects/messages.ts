import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import * as z from 'zod';

import { decodeProbeReport, probeKey } from '../../../server/src/probing/probes.ts';
import { LineSplitter } from '../../../server/src/nix/lineSplitter.ts';
import { decodeMessage, decodeRawLine } from '../../../server/src/nix/messages.ts';
import { subject } from '../support/subject.ts';
import { anyBytes, anyText, changed, changeForm, changes, jsonWith } from '../support/texts.ts';

/** However a stream is cut into chunks, its lines are those of the whole. */
export const lines = subject({
  name: 'lines',
  share: 80,
  cases: fc.record({
    bytes: fc.array(fc.oneof(anyBytes, fc.constant('\n')), { maxLength: 8 }).map((parts) => parts.join('')),
    cuts: fc.array(fc.nat(400), { maxLength: 8 }),
  }),
  form: z.object({ bytes: z.string(), cuts: z.array(z.number()) }),
  check({ bytes, cuts }) {
    const whole = Buffer.from(bytes, 'latin1');
    const got: string[] = [];
    const splitter = new LineSplitter((line) => got.push(line));
    const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((a, b) => a - b);
    for (const [index, place] of places.entries())
      splitter.push(whole.subarray(places[index - 1] ?? 0, place));
    splitter.end();
    const expected = bytes.split('\n').map((line) => Buffer.from(line, 'latin1').toString('utf8'));
    if (expected.at(-1) === '') expected.pop();
    assert.deepEqual(got, expected);
  },
});

const words = [
  'action',
  'msg',
  'start',
  'level',
  'raw_msg',
  'trace',
  'file',
  'line',
  'column',
  'text',
  'trace: x',
  'error: x',
  'error:\n… while\n  at /x:1:2:',
  'warning: x',
  '\u001b[31;1merror:\u001b[0m x',
  'located at /a:1:2',
  '(string)',
];
const record = jsonWith(words).map((value) => `@nix ${JSON.stringify(value)}`);

/** Whatever is printed is some message; what Nix coloured comes without colours, and places are places. */
export const messages = subject({
  name: 'messages',
  share: 90,
  cases: fc.record({
    line: fc.oneof(
      record,
      anyText,
      fc.tuple(record, changes(['"', '{', '}', ':', '@nix '])).map(([text, all]) => changed(text, all)),
    ),
    trace: anyText,
  }),
  form: z.object({ line: z.string(), trace: z.string() }),
  check({ line, trace }) {
    const told = `@nix ${JSON.stringify({ action: 'msg', level: 0, msg: `trace: ${trace}` })}`;
    assert.deepEqual(decodeMessage(told), { kind: 'trace', text: trace });
    assert.deepEqual(decodeRawLine(`trace: ${trace}`), { kind: 'trace', text: trace });
    assert.deepEqual(
      decodeMessage(`@nix ${JSON.stringify({ action: 'start', text: trace })}`),
      trace === '' ? undefined : { kind: 'info', text: plain(trace) },
    );
    for (const message of [decodeMessage(line), decodeRawLine(line)]) {
      if (!message || message.kind === 'trace') continue;
      const texts =
        message.kind === 'error'
          ? [message.message, message.fullText, ...message.trace.map((frame) => frame.message)]
          : [message.text];
      for (const text of texts) assert.equal(plain(text), text);
      if (message.kind !== 'error') continue;
      for (const position of [message.position, ...message.trace.map((frame) => frame.position)]) {
        if (position === undefined) continue;
        assert.ok(
          !position.file.includes('\n') && !Number.isNaN(position.line) && !Number.isNaN(position.column),
        );
      }
    }
  },
});

/** Without the sequences `ESC [ … letter`; Node's own stripping is asked where it speaks of the same ones. */
function plain(text: string): string {
  const stripped = text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '');
  if (/^(?:[^\u001b]|\u001b\[[0-9;]*m)*$/.test(text) && !text.includes('\u009b'))
    assert.equal(stripVTControlCharacters(text), stripped);
  return stripped;
}

const nonce = 'npl-0123456789abcdef0123456789abcdef';
const system = fc.constantFrom('', 'x86_64-linux', 'aarch64-darwin', 'riscv64-none');

/** A probe's own report comes back as it was given; what the program traces is none, and what is cut off makes no nonsense. */
export const probeReports = subject({
  name: 'probe-reports',
  share: 70,
  cases: fc.record({
    file: fc.nat(999),
    id: fc.nat(99_999),
    path: fc.constantFrom('/nix/store/x-a.drv', 'set', 'used', 'read', '/nix/store/y'),
    platforms: fc.tuple(system, system, system),
    withIndex: fc.integer({ min: -1, max: 9 }),
    shadowed: fc.array(fc.oneof(fc.constant(null), fc.constantFrom('', 'x86_64-linux')), { maxLength: 3 }),
    foreign: anyText,
    changes: changes(['|', '.', ',', '+', '-', ' ', 'NaN', '1e9', nonce]),
  }),
  form: z.object({
    file: z.number(),
    id: z.number(),
    path: z.string(),
    platforms: z.tuple([z.string(), z.string(), z.string()]),
    withIndex: z.number(),
    shadowed: z.array(z.union([z.null(), z.string()])),
    foreign: z.string(),
    changes: z.array(changeForm),
  }),
  check({ file, id, path, platforms: [build, host, target], withIndex, shadowed, foreign, changes: given }) {
    const losers = shadowed.map((one) => (one === null ? '-' : `+${one}`)).join(',');
    const trace = [
      `${nonce}|${file}.${id}`,
      path,
      `${build} ${host} ${target}`,
      build,
      host,
      target,
      withIndex,
      losers,
    ].join('|');
    assert.deepEqual(decodeProbeReport(trace, nonce), {
      key: probeKey(file, id),
      storePath: path,
      stdenv: { build, host, target },
      buildSystem: build,
      hostSystem: host,
      targetSystem: target,
      withIndex,
      shadowed: shadowed.map((one) => one ?? undefined),
    });
    if (!foreign.startsWith(nonce)) assert.equal(decodeProbeReport(foreign, nonce), undefined);
    const damaged = decodeProbeReport(changed(trace, given), nonce);
    if (damaged === undefined) return;
    assert.match(damaged.key, /^\d+\.\d+$/);
    assert.ok(
      Number.isInteger(damaged.withIndex) && damaged.withIndex >= -1,
      `withIndex ${damaged.withIndex}`,
    );
  },
});
