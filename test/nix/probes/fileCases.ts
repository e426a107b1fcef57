import { env, root, type ProbeCase } from './probeCase.ts';

/** Imports, directories, and paths and positions that are data. */
export const fileCases: readonly ProbeCase[] = [
  {
    name: 'imports of a literal and of computed paths',
    files: {
      'default.nix': env(
        '[ (import ./a.nix { inherit other; }) (import (./. + "/b.nix") { inherit other; }) ((n: import (./parts + "/${n}.nix")) "c" { inherit other; }) ]',
      ),
      'a.nix': '{ other }: other.vim',
      'b.nix': '{ other }: other.jq',
      'parts/c.nix': '{ other }: other.hello',
    },
    observes: [
      'other.vim = vim x86_64-darwin',
      'other.jq = jq x86_64-darwin',
      'other.hello = hello x86_64-darwin',
    ],
  },
  {
    name: 'a directory of files read with readDir',
    files: {
      'default.nix': env(
        'map (n: import (./parts + "/${n}") { inherit other; }) (builtins.attrNames (builtins.readDir ./parts))',
      ),
      'parts/a.nix': '{ other }: other.vim',
      'parts/b.nix': '{ other }: other.jq',
    },
    observes: ['other.vim = vim x86_64-darwin', 'other.jq = jq x86_64-darwin'],
  },
  {
    name: 'a path that is data keeps its hash',
    files: {
      'default.nix': root(
        'pkgs.stdenv.mkDerivation { name = "root"; src = ./.; text = "${./data.txt} ${./run.nix}"; tool = other.vim; }',
      ),
      'run.nix': '1',
      'data.txt': 'x',
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'a file of Nix code that is data, which only a fallback can tell',
    level: 1,
    files: {
      'default.nix': root(
        'pkgs.stdenv.mkDerivation { name = "root"; script = ./run.nix; tool = other.vim; }',
      ),
      'run.nix': '1',
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'a directory with a blank and a quote in its name',
    directory: 'my "work" ${x}',
    files: { 'default.nix': env('[ (import ./a.nix { inherit other; }) ]'), 'a.nix': '{ other }: other.vim' },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'interpolation in paths',
    files: {
      'default.nix': env('let name = "tool"; in [ (import ./parts/${name}.nix { inherit other; }) ]'),
      'parts/tool.nix': '{ other }: other.vim',
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'an import of a directory',
    files: {
      'default.nix': env(
        '[ (import ./tool { inherit other; }) (pkgs.callPackage ./package { tool = other.jq; }) ]',
      ),
      'tool/default.nix': '{ other }: other.vim',
      'package/default.nix':
        '{ stdenv, tool }: stdenv.mkDerivation { name = "package"; buildInputs = [ tool ]; }',
    },
    observes: ['other.vim = vim x86_64-darwin', 'tool = jq x86_64-darwin'],
  },
  {
    name: 'a directory as a value that is imported later',
    files: {
      'default.nix': env('let part = ./part; in [ (import part { inherit other; }) ]'),
      'part/default.nix': '{ other }: other.vim',
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'an attribute set of files that are imported by a function',
    files: {
      'default.nix': env(
        'map (file: import file { inherit other; }) (builtins.attrValues { a = ./a.nix; b = ./b; })',
      ),
      'a.nix': '{ other }: other.vim',
      'b/default.nix': '{ other }: other.jq',
    },
    observes: ['other.vim = vim x86_64-darwin', 'other.jq = jq x86_64-darwin'],
  },
  {
    name: 'positions that are data',
    files: {
      'default.nix': root(
        'pkgs.runCommand "root" { line = __curPos.line; column = (__curPos).column; file = baseNameOf __curPos.file; place = (builtins.unsafeGetAttrPos "a" { a = other.vim; }).line; tool = other.vim; } ""',
      ),
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
];
