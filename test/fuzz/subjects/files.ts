import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as z from 'zod';

import { readBinaryFormat } from '../../../server/src/binary/readBinaryFormat.ts';
import { readFlakeLock } from '../../../server/src/nix/flakeLock.ts';
import { flakeReference } from '../../../server/src/nix/flakeReference.ts';
import { machineEntries } from '../../../server/src/nix/machineEntries.ts';
import { BadMachineError, parseMachine } from '../../../server/src/nix/parseMachine.ts';
import { elf, fatMachO, machO, portableExecutable } from '../../support/binaries.ts';
import { subject } from '../support/subject.ts';
import {
  anyBytes,
  anyText,
  wellFormed,
  changed,
  changeForm,
  changes,
  jsonWith,
  refusedOr,
} from '../support/texts.ts';

const header = fc
  .oneof(
    fc
      .record({
        machine: fc.constantFrom(62, 183, 3, 40, 0xffff),
        bits: fc.constantFrom<32 | 64>(32, 64),
        bigEndian: fc.boolean(),
        type: fc.nat(4),
        osAbi: fc.nat(9),
        flags: fc.nat(0xffffffff),
        interpreter: fc.constantFrom('/lib64/ld-linux-x86-64.so.2', '', 'x'.repeat(300)),
        gap: fc.nat(5000),
      })
      .map((spec) => elf(spec)),
    fc
      .tuple(
        fc.constantFrom('i386' as const, 'x86_64' as const, 'arm64' as const, 'ppc' as const),
        fc.nat(12),
      )
      .map(([cpu, type]) => machO(cpu, type)),
    fc
      .array(fc.constantFrom('i386' as const, 'x86_64' as const, 'arm64' as const), { maxLength: 4 })
      .map((cpus) => fatMachO(...cpus)),
    fc
      .record({
        machine: fc.constantFrom(0x8664, 0x14c, 0xaa64, 7),
        subsystem: fc.nat(16),
        isNet: fc.boolean(),
      })
      .map(({ machine, ...rest }) => portableExecutable(machine, rest)),
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => Buffer.from(`#!${text}`)),
    anyBytes.map((bytes) => Buffer.from(bytes, 'latin1')),
  )
  .map((bytes) => bytes.toString('latin1'));

/** How often a reader may ask for more of a file. */
const mostAsked = 64;
/** What it is given at once, as `realised/readFormat.ts` does it. */
const mostBytes = 65_536;

/** Any header is told in few and bounded reads, and what is read between has no say where the file is the same. */
export const binaries = subject({
  name: 'binaries',
  share: 80,
  cases: fc.record({
    bytes: header,
    changes: changes(['\0', '\u00ff', '\u007fELF', 'MZ', 'PE\0\0', '\u00ff\u00ff\u00ff\u00ff']),
    length: fc.nat(6000),
  }),
  form: z.object({ bytes: z.string(), changes: z.array(changeForm), length: z.number() }),
  check({ bytes, changes: given, length }) {
    const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
    const damaged = latin(changed(bytes, given));
    for (const file of [latin(bytes), damaged, damaged.subarray(0, length)]) {
      const format = read(file);
      if (format.kind === 'code') {
        assert.ok(format.slices.length > 0);
        assert.ok(format.loader === undefined || format.loader.length <= mostBytes);
      }
      // What is told of a header does not depend on what was told before.
      assert.deepEqual(read(Buffer.from(file)), format);
    }
  },
});

function read(file: Buffer) {
  const reader = readBinaryFormat();
  let step = reader.next();
  for (let asked = 0; step.done !== true; asked++) {
    const { offset, length } = step.value;
    assert.ok(asked < mostAsked, 'the reader asks without end');
    assert.ok(Number.isSafeInteger(offset) && offset >= 0, `offset ${offset}`);
    assert.ok(Number.isSafeInteger(length) && length >= 0, `length ${length}`);
    step = reader.next(file.subarray(offset, offset + Math.min(length, mostBytes)));
  }
  return step.value;
}

const reference = fc.record(
  {
    type: fc.constantFrom('github', 'path', 'git', 'tarball'),
    owner: anyText,
    repo: anyText,
    url: anyText,
    id: anyText,
  },
  { requiredKeys: ['type'] },
);
const node = fc.record(
  {
    inputs: fc.dictionary(anyText, fc.oneof(anyText, fc.array(anyText, { maxLength: 2 })), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    locked: reference,
    original: reference,
  },
  { requiredKeys: [] },
);
const lock = fc.record({
  version: fc.constant(7),
  root: anyText,
  nodes: fc.dictionary(anyText, node, { maxKeys: 4, noNullPrototype: true }),
});

/** A lock file is read as it is; one that is none is undefined, and nothing is ever thrown. */
export const flakeLocks = subject({
  name: 'flake-lock',
  share: 25,
  cases: fc.record({
    json: fc.oneof(
      lock,
      jsonWith(['nodes', 'root', 'inputs', 'locked', 'original', 'type', 'narHash', '__proto__']),
    ),
    changes: changes(['"', '{', '}', ',', 'null']),
    isLock: fc.boolean(),
  }),
  form: z.object({ json: z.unknown(), changes: z.array(changeForm), isLock: z.boolean() }),
  async check({ json, changes: given }) {
    const folder = mkdtempSync(join(tmpdir(), 'npl-fuzz-'));
    try {
      const text = JSON.stringify(json);
      writeFileSync(join(folder, 'flake.lock'), text);
      const whole = z
        .object({ root: z.string(), nodes: z.record(z.string(), z.unknown()) })
        .safeParse(JSON.parse(text));
      const first = await readFlakeLock(folder);
      if (first !== undefined) {
        assert.ok(whole.success);
        assert.equal(first.root, whole.data.root);
        assert.deepEqual(Object.keys(first.nodes), Object.keys(whole.data.nodes));
      }
      writeFileSync(join(folder, 'flake.lock'), changed(text, given));
      await readFlakeLock(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
});

const field = fc.stringMatching(/^[a-z0-9_]{1,8}$/);
const machine = fc.record({
  uri: fc.oneof(
    field,
    field.map((host) => `ssh-ng://${host}`),
  ),
  systems: fc.uniqueArray(field, { minLength: 1, maxLength: 3 }),
  maxJobs: fc.nat(99),
  speedFactor: fc.integer({ min: 1, max: 99 }),
  supportedFeatures: fc.uniqueArray(field, { maxLength: 2 }),
  mandatoryFeatures: fc.uniqueArray(field, { maxLength: 2 }),
});
const blank = fc.constantFrom(' ', '\t', '  ');
const rules = { defaultSystem: 'x86_64-linux', fractions: true } as const;

/** The machines of a file come back as they were written; any other line is refused in Nix's own way. */
export const machines = subject({
  name: 'machines',
  share: 50,
  cases: fc.record({
    machines: fc.array(machine, { maxLength: 3 }),
    blank,
    byLine: fc.boolean(),
    changes: changes([';', '\n', '#', '@', '-', ',', '1.5', ' ', '\0']),
  }),
  form: z.object({
    machines: z.array(
      z.object({
        uri: z.string(),
        systems: z.array(z.string()),
        maxJobs: z.number(),
        speedFactor: z.number(),
        supportedFeatures: z.array(z.string()),
        mandatoryFeatures: z.array(z.string()),
      }),
    ),
    blank: z.string(),
    byLine: z.boolean(),
    changes: z.array(changeForm),
  }),
  check({ machines: given, blank: between, byLine, changes: damage }) {
    const listed = (all: readonly string[]): string => (all.length === 0 ? '-' : all.join(','));
    const text = given
      .map(({ uri, systems, maxJobs, speedFactor, supportedFeatures, mandatoryFeatures }) =>
        [
          uri,
          listed(systems),
          '-',
          maxJobs,
          speedFactor,
          listed(supportedFeatures),
          listed(mandatoryFeatures),
        ].join(between),
      )
      .join('\n');
    const kind = byLine ? 'by-line' : 'by-separator';
    assert.deepEqual(
      machineEntries(text, kind).map((entry) => parseMachine(entry, rules)),
      given.map((one) => ({
        ...one,
        uri: one.uri.includes('/') || /^(?:auto|daemon|local)$/.test(one.uri) ? one.uri : `ssh://${one.uri}`,
      })),
    );
    for (const entry of machineEntries(changed(text, damage), kind)) {
      const parsed = refusedOr(BadMachineError, () => parseMachine(entry, rules));
      if (parsed === undefined) continue;
      assert.ok(
        parsed.systems.every((system) => system !== '') && parsed.speedFactor > 0 && parsed.maxJobs >= 0,
        entry,
      );
    }
  },
});

/** The reference of a folder means that folder to Nix, whatever its name; what was a reference stays one. */
export const flakeReferences = subject({
  name: 'flake-reference',
  share: 25,
  cases: fc.record({
    names: fc.array(
      anyText.map((name) => name.replaceAll('/', '').replaceAll('\0', '')),
      { minLength: 1, maxLength: 3 },
    ),
    version: fc.constantFrom('2.8.0', '2.26.3', '2.34.8'),
  }),
  form: z.object({ names: z.array(z.string()), version: z.string() }),
  async check({ names, version }) {
    const path = `/nowhere/${wellFormed(names.join('/'))}`;
    const written = await flakeReference(path, version);
    if (written === path) return;
    assert.ok(version !== '2.8.0');
    assert.match(written, /^path:[\w\-.!~*'()%/]*$/);
    assert.equal(decodeURIComponent(written.slice('path:'.length)), path);
    assert.equal(await flakeReference('github:owner/repo?ref=x#y', version), 'github:owner/repo?ref=x#y');
  },
});
