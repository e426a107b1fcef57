import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rangeIn, parseSourceFile } from '../../server/src/syntax/sourceFile.ts';
import type { Report } from '../../server/src/model/report.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { testParser } from '../support/parser.ts';
import { evaluateWorkspace, type Workspace } from '../support/workspace.ts';

import { fileCases } from './probes/fileCases.ts';
import { languageCases } from './probes/languageCases.ts';
import { packageCases } from './probes/packageCases.ts';
import type { ProbeCase } from './probes/probeCase.ts';

const cases = [...languageCases, ...fileCases, ...packageCases];

/** Does a version of Nix know a form? */
function knows(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

/** What a case expects, held against the part of a report that is about files of its folder. */
async function expectObserved(
  { observes, neverObserves = [], level = 0 }: ProbeCase,
  report: Report,
  folder = '',
): Promise<void> {
  assert.equal(report.probes.level, level, report.probes.fallbackReason);
  const parser = await testParser();
  const observations = report.observations.filter(({ source }) => source.file.includes(folder));
  for (const { source, text } of observations) {
    const file = parseSourceFile(source.file, report.sources.get(source.file) ?? '', parser);
    const start = file.lines.offsetAt(source.range.start);
    assert.equal(file.text.slice(start, file.lines.offsetAt(source.range.end)), text);
    assert.deepEqual(rangeIn(file, { start, end: start + text.length }), source);
  }
  const seen = observations.flatMap(({ text, derivations }) =>
    derivations.map((id) => `${text} = ${report.graph.derivation(id).name} ${report.graph.system(id)}`),
  );
  for (const expected of observes)
    assert.ok(seen.includes(expected), `${expected}\nwas not among\n${seen.join('\n')}`);
  for (const wrong of neverObserves) assert.ok(!seen.includes(wrong), `${wrong}\nwas seen`);
}

/** Can a case be a folder of a larger workspace, with all others that can? */
function isPart({ level = 0, isOneDerivation = true, option, directory }: ProbeCase): boolean {
  return level === 0 && isOneDerivation && option === undefined && directory === undefined;
}

const folderOf = (index: number): string => `case-${index}`;

/** One workspace of several cases, each in a folder of its own. */
function together(parts: readonly ProbeCase[]): Workspace {
  const roots = parts.map((_, index) => `(import ./${folderOf(index)} { inherit set; })`).join('\n');
  const files = parts.flatMap(({ files: own }, index) =>
    Object.entries(own).map(([name, text]) => [`${folderOf(index)}/${name}`, text] as const),
  );
  return {
    files: {
      'default.nix': `{ set }: (import set { }).buildEnv { name = "all"; paths = [ ${roots} ]; }`,
      ...Object.fromEntries(files),
    },
  };
}

const [oldest, ...newer] = nixVersions();

describe(`what probes observe with Nix ${oldest?.version}`, () => {
  for (const wanted of cases) {
    if (!oldest || (wanted.since && !knows(oldest.version, wanted.since))) continue;
    test(wanted.name, async () => {
      const run = { as: 'x86_64-darwin', nixDirectory: oldest.directory };
      await expectObserved(wanted, await evaluateWorkspace(wanted, run));
    });
  }
});

// Alone, each form was looked at above; here is asked whether another Nix understands and reports it in another way.
for (const { version, directory: nixDirectory } of newer) {
  describe(`what probes observe with Nix ${version}`, () => {
    const known = cases.filter(({ since }) => !since || knows(version, since));
    const parts = known.filter(isPart);
    const run = { as: 'x86_64-darwin', nixDirectory };
    let all: Promise<Report> | undefined;
    for (const [index, wanted] of parts.entries()) {
      test(wanted.name, async () => {
        all ??= evaluateWorkspace(together(parts), run);
        await expectObserved(wanted, await all, `/${folderOf(index)}/`);
      });
    }
    for (const wanted of known.filter((each) => !isPart(each))) {
      test(`${wanted.name}, by itself`, async () => {
        await expectObserved(wanted, await evaluateWorkspace(wanted, run));
      });
    }
  });
}

test('a package set tells its three platforms, and where its name was bound', async () => {
  const report = await evaluateWorkspace({
    files: {
      'default.nix':
        '{ set }:\nlet\n  tools = import set { system = "x86_64-linux"; targetSystem = "aarch64-linux"; };\n' +
        '  call = { pkgs }: pkgs.jq;\nin\ntools.buildEnv { name = "root"; paths = [ tools.vim (call { pkgs = tools; }) ]; }\n',
    },
  });
  const platforms = [{ build: 'x86_64-linux', host: 'x86_64-linux', target: 'aarch64-linux' }];
  const bound = ['tools.vim', 'pkgs.jq'].map((text) => {
    const seen = report.observations.find((observation) => observation.text === text)?.packageSet;
    assert.deepEqual(seen?.platforms, platforms);
    return seen.boundAt.map(({ range }) => range.start);
  });
  assert.deepEqual(bound, [[{ line: 2, character: 10 }], [{ line: 3, character: 11 }]]);
});

for (const { version, directory: nixDirectory } of nixVersions()) {
  test(`package sets that are values of their own, with Nix ${version}`, async () => {
    const report = await evaluateWorkspace(
      {
        files: {
          'default.nix': `
            { set }:
            let
              pkgs = import set { system = "x86_64-linux"; };
              other = import set { };
              alias = pkgs;
              idle = import set { system = "i686-linux"; };
              call = scope: scope.callPackage ({ stdenv }: stdenv.mkDerivation { name = "called"; }) { };
              scopes = { inherit other; pkgs = pkgs; unused = idle; };
            in
            with alias; buildEnv {
              name = "root";
              paths = [ vim (call pkgs) (scopes.other.stdenv.mkDerivation { name = "made"; }) ]
                ++ (if scopes ? unused then [ ] else [ idle.vim ]);
            }`,
        },
      },
      { as: 'x86_64-darwin', nixDirectory },
    );
    assert.equal(report.probes.level, 0, report.probes.fallbackReason);
    const hosts = (text: string, form: string): string[] =>
      report.observations
        .filter((observation) => observation.text === text && observation.form === form)
        .flatMap(({ ownPackageSet }) => ownPackageSet?.platforms ?? [])
        .map(({ host }) => host);
    assert.deepEqual(hosts('pkgs', 'argument'), ['x86_64-linux']);
    assert.deepEqual(hosts('other', 'inherit'), ['x86_64-darwin']);
    assert.deepEqual(hosts('idle', 'binding'), [], 'what the program never asks for is not asked');
    const vim = report.observations.find(({ text, form }) => text === 'vim' && form === 'list-element');
    assert.deepEqual(
      vim?.packageSet?.boundAt.map(({ range }) => range.start.line),
      [5, 3],
      'a set behind `with` tells where its name got it',
    );
  });
}
