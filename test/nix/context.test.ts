import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ContextWorkspace } from '../../server/src/asking/contextWorkspace.ts';
import { scopesAt } from '../../server/src/asking/scopesAt.ts';
import type { EvaluationArguments, EvaluationTarget } from '../../server/src/model/target.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import { WarmNix } from '../../server/src/nix/warm/warmNix.ts';
import { childrenOf, type Expression } from '../../server/src/syntax/ast.ts';
import { parseSourceFile, type SourceFile } from '../../server/src/syntax/sourceFile.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixosTree } from '../support/nixosInSmall.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { packageSet } from '../support/packageSet.ts';
import { testParser } from '../support/parser.ts';

const nixpkgs = new NixFolder(nixosTree(packageSet), 'nix-lens-nixpkgs-');
after(() => nixpkgs[Symbol.dispose]());

const given: EvaluationArguments = { arg: [['set', '../set.nix']], argstr: [], include: [], option: [] };

/** Each text holds a `«…»` around what is asked for; it is evaluated to its JSON. */
const cases: readonly {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly attribute?: string;
  /** The values, one for each call of the functions around it; or why they are not known. */
  readonly values: readonly unknown[] | RegExp;
}[] = [
  {
    name: 'bindings of let, recursive ones and inherited ones',
    files: {
      'default.nix':
        '{ set }: let a = b + 1; b = 1; s = { c = 10; }; inherit (s) c; in let d = a + c; in «d + a»',
    },
    values: [14],
  },
  {
    name: 'a lexical name wins over with, an inner with over an outer one',
    files: {
      'default.nix':
        '{ set }: let a = 1; in with { a = 2; b = 3; }; with { b = 4; c = 5; }; { x = «a * 100 + b * 10 + c»; }',
    },
    values: [145],
  },
  {
    name: 'a recursive set, and one that is none',
    files: { 'default.nix': '{ set }: { x = 1; y = rec { x = 2; z = { x = 3; w = «x»; }; }; }' },
    values: [2],
  },
  {
    name: 'arguments of the target and defaults of its function',
    files: {
      'default.nix':
        '{ set, text ? "d" + toString ./., pkgs ? import set { } }@args: { unused = «"${pkgs.hello.name} ${toString (args ? set)} ${builtins.substring 0 1 text}"»; }',
    },
    values: ['hello 1 d'],
  },
  {
    name: 'what a package file is called with, through callPackage of another file',
    files: {
      'default.nix':
        '{ set }: let pkgs = import set { }; in { a = pkgs.callPackage ./package.nix { extra = "given"; }; }',
      'package.nix':
        '{ stdenv, hello, extra, more ? extra + "!" }: let h = hello; in stdenv.mkDerivation { name = «"${h.name} ${more}"»; }',
    },
    values: ['hello given!'],
  },
  {
    name: 'what an imported function is called with',
    files: {
      'default.nix': '{ set }: let n = 3; in { a = import ./twice.nix { inherit n; }; }',
      'twice.nix': '{ n }: «n * 2»',
    },
    values: [6],
  },
  {
    name: 'a file that is a set, imported by nobody',
    files: { 'default.nix': '{ set }: 1', 'other.nix': '{ a = let b = 2; in «b»; }' },
    values: [2],
  },
  {
    name: 'a function that is handed over is called for several systems',
    files: {
      'default.nix':
        '{ set }: let each = f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) [ "x86_64-linux" "aarch64-linux" ]); in { p = each (system: { q = «system»; }); }',
    },
    values: ['aarch64-linux', 'x86_64-linux'],
  },
  {
    name: 'elements of a list',
    files: { 'default.nix': '{ set }: map (n: «n + 1») [ 1 2 ]' },
    values: [2, 3],
  },
  {
    name: 'a function that is called by its name, with both arguments of a curried one',
    files: { 'default.nix': '{ set }: let f = a: b: { c = «a + b»; }; in [ (f 1 2) ((f 10) 20) ]' },
    values: [3, 30],
  },
  {
    name: 'attributes that refer to the finished derivation',
    files: {
      'default.nix':
        '{ set }: let make = f: let final = f final; in final; in make (self: { version = "1"; name = «"x-" + self.version»; __npl = 1; })',
    },
    values: ['x-1'],
  },
  {
    name: 'a name of its own does not confuse the scope: import is bound anew',
    files: { 'default.nix': '{ set }: let import = 5; builtins = 1; in «import + builtins»' },
    values: [6],
  },
  {
    name: 'a function that nobody calls',
    files: { 'default.nix': '{ set }: { helper = { a, b }: «a» ; }' },
    values: /no call of the function at default\.nix:1 was found/,
  },
];

const mark = /«([^»]*)»/s;

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, () => {
    let root: string;
    let nix: WarmNix;
    before(async () => {
      root = await mkdtemp(join(tmpdir(), 'npl-context-'));
      await writeFile(join(root, 'set.nix'), packageSet);
      nix = new WarmNix(await findNix({ directory }), { cwd: root });
    });
    after(async () => {
      await nix[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    });

    async function ask(
      files: Readonly<Record<string, string>>,
      target: (work: string) => EvaluationTarget,
    ): Promise<readonly unknown[] | string> {
      const work = await mkdtemp(join(root, 'w-'));
      const parser = await testParser();
      const sources = new Map<string, SourceFile>();
      let asked: { source: SourceFile; expression: Expression } | undefined;
      for (const [name, marked] of Object.entries(files)) {
        const file = join(work, name);
        const inner = mark.exec(marked);
        const text = marked.replace(mark, '$1');
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
        const source = parseSourceFile(file, text, parser);
        sources.set(file, source);
        if (!inner) continue;
        const length = inner[1]?.length ?? 0;
        asked = { source, expression: exactly(source.root, inner.index, inner.index + length) };
      }
      assert.ok(asked);
      const workspace: ContextWorkspace = {
        texts: new Map([...sources].map(([file, { text }]) => [file, text])),
        parse: (file, text) => parseSourceFile(file, text, parser),
        target: target(work),
        system: 'x86_64-linux',
        directory: work,
        parser,
        nix,
      };
      const found = await scopesAt(asked.source, asked.expression, workspace);
      if (found.kind === 'unknown') return found.reason;
      const { start, end } = asked.expression;
      const text = asked.source.text.slice(start, end);
      return Promise.all(found.scopes.map((scope) => nix.query(scope.wrap(text))));
    }

    for (const { name, files, attribute = '', values } of cases) {
      test(name, async () => {
        const seen = await ask(files, (work) => ({
          kind: 'file',
          file: join(work, 'default.nix'),
          attribute,
          arguments: given,
        })).catch((error: unknown) => String(error));
        if (values instanceof RegExp) assert.match(String(seen), values);
        else assert.deepEqual(seen, values);
      });
    }

    test('the outputs of a flake have its inputs, and functions in them their systems', async () => {
      const seen = await ask(
        {
          'flake.nix': `{
            outputs = { self }: let all = f: { a-linux = f "a-linux"; b-linux = f "b-linux"; }; in {
              packages = all (system: { x = «"\${system} \${toString (self ? packages)}"»; });
            };
          }`,
        },
        (work) => ({ kind: 'flake', flake: work, attribute: 'packages.a-linux.x', arguments: given }),
      );
      assert.deepEqual(seen, ['a-linux 1', 'b-linux 1']);
    });

    test('a module has the arguments of its configuration', async () => {
      const seen = await ask(
        {
          'configuration.nix': '{ config, pkgs, ... }: { imports = [ ./web.nix ]; }',
          'web.nix':
            '{ config, lib, pkgs, ... }: with pkgs; { environment.systemPackages = [ «hello.name» ]; }',
        },
        (work) => ({
          kind: 'composed',
          composition: 'nixos',
          file: join(work, 'configuration.nix'),
          member: '',
          packageSet: nixpkgs.path,
          arguments: { ...given, arg: [] },
        }),
      );
      assert.deepEqual(seen, ['hello']);
    });
  });
}

/** The expression that covers exactly this stretch. */
function exactly(root: Expression, start: number, end: number): Expression {
  if (root.start === start && root.end === end) return root;
  const next = childrenOf(root).find((child) => child.start <= start && end <= child.end);
  assert.ok(next, `no expression from ${start} to ${end}`);
  return exactly(next, start, end);
}
