/**
 * `npm run soak`: real servers under random use for hours. Prints how their
 * memory grew, what they left behind, and whether they show what a fresh
 * server shows. Ends with status 1 where something was left or differs.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { Editor } from '../server/support/editor.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { processesWith } from '../support/nixProcesses.ts';
import { findDrift } from './drift.ts';
import { Inspector, slope, type Sample } from './memory.ts';
import { Person } from './person.ts';
import { places, type Place } from './places.ts';
import { randomFrom, type Random } from './random.ts';

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    place: { type: 'string' },
    snapshots: { type: 'string' },
  },
});
const minutes = Number(given.minutes);
const seed = Number(given.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('Give --minutes a number above 0 and --seed a whole number.');
  process.exit(2);
}

/** Things that are done between two looks at the memory. */
const actsInARound = 60;
/** Every so many rounds, a fresh server is started beside the old one. */
const roundsBetweenComparisons = 5;
/** After it everything was read and compiled once: heap snapshots of it and of the end are compared. */
const snapshotRound = 12;
/** What is at first read and compiled is no growth: this share of the samples is left out. */
const warmUp = 0.25;

/** Computes for hours without a pause in which it would hear a signal. */
const neverEnds = `
  let count = builtins.foldl' (a: b: a + b) 0;
  in { never = count (map (n: count (builtins.genList (x: x + n) 10000)) (builtins.genList (x: x) 1000000)); }
`;

/** A server in use, with what was measured of it. */
interface Used {
  readonly place: Place;
  readonly editor: Editor;
  readonly inspector: Inspector;
  readonly person: Person;
  readonly samples: Sample[];
}

const temporary = mkdtempSync(join(tmpdir(), 'npl-soak-tmp-'));
const mark = `NPL_SOAK_MARK=${temporary}`;
const env = { ...process.env, TMPDIR: temporary, NPL_SOAK_MARK: temporary };
const faults: string[] = [];
const started = performance.now();
const minute = (): number => (performance.now() - started) / 60_000;

console.log(`seed ${seed}, ${minutes} minutes: npm run soak -- --minutes ${minutes} --seed ${seed}`);
const random = randomFrom(seed);
const chosen = places
  .map((make) => make())
  .filter(({ name }) => given.place === undefined || name === given.place);
if (chosen.length === 0) {
  console.error(`There is no place ${given.place ?? ''}. Leave --place out to use all of them.`);
  process.exit(2);
}
const servers: Used[] = [];
for (const place of chosen) servers.push(await start(place, random));

for (let round = 1; minute() < minutes; round++) {
  for (const used of servers) {
    await use(used);
    if (round % roundsBetweenComparisons === 0) await compare(used, round);
  }
  if (given.snapshots !== undefined && (round === snapshotRound || minute() >= minutes))
    await snapshots(`round-${round}`);
}
for (const used of servers) await compare(used, 'the end');

for (const used of servers) report(used);
await endAll();
await killOne();
for (const place of chosen) place[Symbol.dispose]();
rmSync(temporary, { recursive: true, force: true });

console.log(faults.length === 0 ? 'Nothing was left behind, and nothing differs.' : faults.join('\n'));
process.exitCode = faults.length === 0 ? 0 : 1;

async function start(place: Place, from: Random): Promise<Used> {
  const editor = await Editor.start({
    root: place.root,
    settings: place.settings,
    env: { ...env, NODE_OPTIONS: '--inspect=127.0.0.1:0' },
  });
  const said = await editor.until('The debugger', () => editor.log.find((line) => line.includes('ws://')));
  const person = new Person(place, editor, from);
  await person.start();
  return { place, editor, inspector: await Inspector.connect(said), person, samples: [] };
}

async function use({ place, editor, inspector, person, samples }: Used): Promise<void> {
  for (let act = 0; act < actsInARound; act++) await person.act();
  await person.rest();
  const sample = await inspector.sample(editor.process.pid, minute());
  samples.push(sample);
  const figures = [sample.residentBefore, sample.resident, sample.heapUsed, sample.outside];
  const [before, resident, heap, outside] = figures.map(rounded);
  console.log(
    `${sample.minute.toFixed(1).padStart(6)} min  ${place.name.padEnd(12)} resident ${before} →${resident}  heap ${heap}  outside ${outside} MiB`,
  );
  // The client's own memory is not what is measured.
  for (const list of [editor.information, editor.progress, editor.shown]) list.splice(0);
}

async function compare({ place, editor, person }: Used, round: number | string): Promise<void> {
  await person.rest();
  const drift = await findDrift(place, editor, person.openFiles, person.selected, env);
  if (drift !== undefined)
    faults.push(`${place.name}, round ${round}: a fresh server shows something else.\n${drift}`);
}

async function snapshots(name: string): Promise<void> {
  const directory = given.snapshots ?? '.';
  mkdirSync(directory, { recursive: true });
  for (const { place, inspector } of servers) {
    await inspector.writeSnapshot(join(directory, `${place.name.replaceAll(' ', '-')}-${name}.heapsnapshot`));
  }
}

function report({ place, samples }: Used): void {
  const counted = samples.slice(Math.floor(samples.length * warmUp));
  const grew = [
    ['before collecting', (sample: Sample) => sample.residentBefore],
    ['resident', (sample: Sample) => sample.resident],
    ['heap in use', (sample: Sample) => sample.heapUsed],
    ['outside the heap', (sample: Sample) => sample.outside],
  ] as const;
  console.log(`${place.name}, ${counted.length} samples at rest after warming up:`);
  for (const [name, value] of grew) {
    const perMinute = slope(counted, value);
    const first = counted[0];
    const last = counted.at(-1);
    const range = first && last ? `${rounded(value(first))} → ${rounded(value(last))} MiB` : 'no samples';
    console.log(`  ${name.padEnd(17)} ${perMinute.toFixed(3).padStart(8)} MiB a minute  ${range}`);
  }
}

function rounded(mebibytes: number): string {
  return mebibytes.toFixed(1).padStart(6);
}

/** Ends the servers as the protocol has it. */
async function endAll(): Promise<void> {
  for (const { editor, inspector } of servers) {
    inspector[Symbol.dispose]();
    await editor[Symbol.asyncDispose]();
  }
  await lookForRemains('after the end');
}

/** Kills a server in the middle of an evaluation that would take for ever. */
async function killOne(): Promise<void> {
  using folder = new NixFolder({ 'default.nix': neverEnds }, 'npl-soak-kill-');
  const settings = { targets: [{ file: 'default.nix', attribute: 'never' }] };
  const editor = await Editor.start({ root: folder.path, settings, env });
  await editor.open(folder.file('default.nix'));
  await editor.untilQuiet('The start of Nix', () => processesWith(mark).length > 2);
  const ended = once(editor.process, 'exit');
  editor.process.kill('SIGKILL');
  await ended;
  editor.connection.dispose();
  await lookForRemains('after SIGKILL');
}

/** Processes and temporary folders that are still there some seconds later. */
async function lookForRemains(when: string): Promise<void> {
  await delay(3000);
  const processes = processesWith(mark);
  const folders = readdirSync(temporary).filter((name) => name.startsWith('nix-platform-lens-'));
  console.log(`${when}: ${processes.length} processes, ${folders.length} temporary folders are left.`);
  if (processes.length > 0 || folders.length > 0) {
    faults.push(`${when}, these were left: processes ${processes.join(' ')}; folders ${folders.join(' ')}`);
  }
  for (const id of processes) process.kill(id, 'SIGKILL');
}
