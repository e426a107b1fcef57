import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MarkupContent } from 'vscode-languageserver-types';

import { Editor } from '../server/support/editor.ts';
import { median, milliseconds, percentile, printRow } from '../support/benchmark.ts';
import { packageSet } from '../support/packageSet.ts';

/*
 * Hover on expressions that no evaluation observed, in a real client of the
 * built server, against what a person would type instead: an evaluation of the
 * same attribute. Set NIX_PLATFORM_LENS_NIXPKGS to the path of a nixpkgs to
 * measure with real packages.
 */
const expressions = 100;
const packages = ['hello', 'git', 'jq', 'vim'];

const root = await mkdtemp(join(tmpdir(), 'npl-bench-'));
try {
  const nixpkgs = process.env['NIX_PLATFORM_LENS_NIXPKGS'];
  const set = nixpkgs ?? join(root, 'set.nix');
  if (nixpkgs === undefined) await writeFile(set, packageSet);
  const name = (index: number): string => `unused${index}`;
  const bindings = Array.from(
    { length: expressions },
    (_, index) => `  ${name(index)} = pkgs.${packages[index % packages.length]};\n`,
  );
  const file = join(root, 'default.nix');
  await writeFile(
    file,
    `let pkgs = import ${set} { system = "x86_64-linux"; }; in\n{\n  app = pkgs.hello;\n${bindings.join('')}}\n`,
  );

  await using editor = await Editor.start({ root, settings: { targets: [{ file, attribute: 'app' }] } });
  await editor.open(file);
  const status = await editor.evaluated();
  if (status.state !== 'done') throw new Error(status.message);

  const ask = async (index: number): Promise<number> => {
    const start = performance.now();
    const hover = await editor.hover(file, `${name(index)} =`, 1);
    const time = performance.now() - start;
    const contents = hover?.contents;
    if (!contents || !MarkupContent.is(contents) || !contents.value.includes('build platform'))
      throw new Error(`No hover at ${name(index)}: ${JSON.stringify(hover)}`);
    return time;
  };
  // The first one of each package starts Nix, or evaluates what the others share.
  const first = await ask(0);
  for (let index = 1; index < packages.length; index++) await ask(index);
  const times: number[] = [];
  for (let index = packages.length; index < expressions; index++) times.push(await ask(index));

  const fresh: number[] = [];
  for (let index = 0; index < 9; index++) {
    const start = performance.now();
    await promisify(execFile)('nix-instantiate', ['--eval', file, '-A', `${name(index)}.system`]);
    fresh.push(performance.now() - start);
  }
  const p95 = percentile(times, 95);
  printRow({
    subject: `warm hover, p95 of ${times.length} (the first took ${milliseconds(first)})`,
    measured: milliseconds(p95),
    reference: `nix-instantiate --eval ${milliseconds(median(fresh))}: ${(median(fresh) / p95).toFixed(1)} ×`,
    goal: '≤ 20 ms',
    met: p95 <= 20,
  });
} finally {
  await rm(root, { recursive: true, force: true });
}
