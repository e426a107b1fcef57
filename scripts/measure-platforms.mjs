/**
 * `npm run measure:platforms -- NIXPKGS …`: compares the platforms that are
 * inferred from .drv files with those for which `mkDerivation` made them, over
 * the whole closures of many packages, and prints one row of a Markdown table.
 * Everything that differs is listed above it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { onOwnNode } from './support/ownNode.mjs';
import { traceMark, traceMkDerivation } from './support/tracedNixpkgs.mjs';

const usage = `Usage: npm run measure:platforms -- NIXPKGS [OPTION]… [ATTRIBUTE]…

  --system SYSTEM     builtins.currentSystem; default: this machine's
  --cross NIX         crossSystem, e.g. '{ config = "aarch64-unknown-linux-gnu"; }'
  --roots N           packages, evenly from the top level, where no ATTRIBUTE is given; default 300
  --expression NIX    a function of the tree to the package set, in the place of the default
  --label TEXT        names the row
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    system: { type: 'string' },
    cross: { type: 'string' },
    roots: { type: 'string', default: '300' },
    expression: { type: 'string' },
    label: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [nixpkgs, ...attributes] = positionals;
const rootCount = Number(options.roots);
if (nixpkgs === undefined || options.help || !Number.isInteger(rootCount) || rootCount < 1) {
  process.stdout.write(usage);
  process.exit(options.help ? 0 : 2);
}
await onOwnNode();
const { parseDerivation } = await import('../server/src/derivation/aterm.ts');
const { inferHostPlatform } = await import('../server/src/derivation/hostPlatform.ts');
const { inferTargetPlatform } = await import('../server/src/derivation/targetPlatform.ts');
const { derivationNameOf } = await import('../server/src/model/storePath.ts');

/** @typedef {{ build: string, host: string, hostTriple: string, target: string }} Platforms */

const directory = mkdtempSync(join(tmpdir(), 'traced-nixpkgs-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
traceMkDerivation(resolve(nixpkgs), directory);
const packages = options.expression
  ? `(${options.expression}) ${directory}`
  : `import ${directory} { overlays = [ ]; config = { allowUnfree = true; allowBroken = true; allowUnsupportedSystem = true; };
       ${options.cross === undefined ? '' : `crossSystem = ${options.cross};`} }`;

/** @type {Map<string, Platforms>} */
const truths = new Map();
/** @type {Set<string>} */
const roots = new Set();
evaluateRoots(attributes.length > 0 ? attributes : sampleOf(namesOf(), rootCount));
report(closureOf(roots));

/** All names of the top level. */
function namesOf() {
  const { status, stdout, stderr } = runNix('nix-instantiate', ['--eval', '--strict', '--json'], {
    args: ['-E', `builtins.attrNames (${packages})`],
  });
  if (status !== 0) throw new Error(`the package set does not evaluate: ${stderr}`);
  return /** @type {string[]} */ (JSON.parse(stdout));
}

/**
 * Evaluates packages, which writes their derivations to the store, and notes
 * what was traced. `nix repl` goes on behind a package that does not evaluate.
 * @param {readonly string[]} names dotted
 */
function evaluateRoots(names) {
  const path = (/** @type {string} */ name) => JSON.stringify(name.split('.')).replaceAll(',', ' ');
  const { stdout, stderr, signal } = runNix('nix', ['repl', '--extra-experimental-features', 'nix-command'], {
    args: [],
    input: [
      `set = ${packages.replaceAll(/\s+/g, ' ')}`,
      "at = builtins.foldl' (value: name: value.${name})",
      'drvPathOf = value: if value.type or "" == "derivation" then builtins.unsafeDiscardStringContext value.drvPath else ""',
      ...names.map((name) => `drvPathOf (at set ${path(name)})`),
      '',
    ].join('\n'),
  });
  if (signal) console.log(`Nix was ended by ${signal}: what comes after that package is missing`);
  for (const [drvPath] of stdout.matchAll(/\/[^\s"]+\.drv(?=")/g)) roots.add(drvPath);
  for (const line of stderr.split('\n')) {
    const [mark, drvPath, build = '', , host = '', hostTriple = '', target = ''] = line
      .replace(/^trace: /, '')
      .split(' ');
    if (mark !== traceMark || drvPath === undefined) continue;
    truths.set(drvPath, { build, host, hostTriple, target });
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} command
 * @param {{ args: readonly string[], input?: string }} given
 */
function runNix(program, command, { args, input = '' }) {
  const system = options.system === undefined ? [] : ['--option', 'system', options.system];
  const result = spawnSync(
    program,
    [...command, ...system, '--option', 'allow-import-from-derivation', 'false', ...args],
    { encoding: 'utf8', maxBuffer: 1 << 30, input },
  );
  if (result.error) throw result.error;
  return result;
}

/** @param {Iterable<string>} drvPaths */
function closureOf(drvPaths) {
  /** @type {Map<string, import('../server/src/derivation/parsedDerivation.ts').ParsedDerivation>} */
  const closure = new Map();
  const pending = [...drvPaths];
  for (let drvPath = pending.pop(); drvPath !== undefined; drvPath = pending.pop()) {
    if (closure.has(drvPath)) continue;
    const parsed = parseDerivation(readFileSync(drvPath), drvPath);
    closure.set(drvPath, parsed);
    pending.push(...parsed.inputs.map((input) => input.drvPath));
  }
  return closure;
}

/** @param {ReturnType<typeof closureOf>} closure */
function report(closure) {
  const counts = {
    traced: 0,
    neutral: 0,
    inferred: 0,
    assumed: 0,
    ownHost: 0,
    kindRight: 0,
    cross: 0,
    hostRight: 0,
    targets: 0,
    targetsRight: 0,
  };
  /** @type {Map<string, string[]>} */
  const untraced = new Map();
  for (const [drvPath, parsed] of closure) {
    const name = derivationNameOf(drvPath);
    const host = inferHostPlatform(parsed, name);
    const target = inferTargetPlatform(parsed, name);
    if (host.kind === 'neutral') counts.neutral += 1;
    else if (host.certainty === 'assumed') counts.assumed += 1;
    else counts.inferred += 1;
    const truth = truths.get(drvPath);
    if (truth === undefined) {
      const kind = host.kind === 'neutral' ? `neutral: ${host.reason}` : host.certainty;
      untraced.set(kind, [...(untraced.get(kind) ?? []), name]);
      continue;
    }
    counts.traced += 1;
    if (target !== undefined) {
      counts.targets += 1;
      if (target.system === truth.target) counts.targetsRight += 1;
      else console.log(`target of ${drvPath}: ${target.system} inferred, ${truth.target} evaluated`);
    }
    if (host.kind === 'neutral') continue;
    counts.ownHost += 1;
    const isCross = truth.host !== truth.build;
    if (isCross) counts.cross += 1;
    const right = host.system === truth.host && host.certainty === 'inferred';
    if (isCross === (host.system !== parsed.system)) counts.kindRight += 1;
    if (isCross && right) counts.hostRight += 1;
    if (!right) {
      console.log(
        `host of ${drvPath}: ${host.system} ${host.certainty}, ${truth.host} (${truth.hostTriple}) evaluated`,
      );
    }
  }
  for (const [kind, names] of untraced) {
    const shown = [...new Set(names)].sort();
    console.log(
      `not made by mkDerivation, ${kind}: ${String(names.length)}: ${shown.slice(0, 12).join(', ')}`,
    );
  }
  const known = counts.inferred + counts.neutral;
  const cells = [
    options.label ?? `${nixpkgs}, ${String(roots.size)} roots`,
    number(closure.size),
    of(counts.kindRight, counts.ownHost),
    of(counts.hostRight, counts.cross),
    of(counts.targetsRight, counts.targets),
    number(counts.neutral),
    number(counts.assumed),
    `${((100 * known) / closure.size).toFixed(1)} %`,
  ];
  console.log(
    '| closure | derivations | cross/native right | host of cross ones right | target right | neutral | assumed | known |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  console.log(`| ${cells.join(' | ')} |`);
  if (options.label !== undefined) console.log(`${String(roots.size)} roots`);
}

/**
 * @param {number} part
 * @param {number} whole
 */
function of(part, whole) {
  return `${number(part)} of ${number(whole)}`;
}

/** @param {number} count */
function number(count) {
  return count.toLocaleString('en');
}

/**
 * @param {readonly string[]} names
 * @param {number} count
 */
function sampleOf(names, count) {
  const step = Math.max(1, names.length / count);
  return Array.from({ length: Math.min(count, names.length) }, (_, n) => names[Math.floor(n * step)] ?? '');
}
