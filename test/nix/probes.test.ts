import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluateWorkspace, type Workspace } from '../support/workspace.ts';

/**
 * Every form of the language, evaluated by a real Nix: what is observed must be
 * what Nix computed, at the root that the plain evaluation gives.
 */
interface Case extends Workspace {
  readonly name: string;
  /** Index of the level that is reached; 0 where it is left out. */
  readonly level?: number;
  /** Observations as `text = derivation system`, a selection of all. */
  readonly observes: readonly string[];
}

/** Wraps a list of inputs into a root derivation of a Linux set; `other` is the evaluating machine's set. */
const root = (body: string): string => `
{ set }:
let
  pkgs = import set { system = "x86_64-linux"; };
  other = import set { };
in
${body}
`;

const env = (paths: string): string => root(`pkgs.buildEnv { name = "root"; paths = ${paths}; }`);

const cases: readonly Case[] = [
  {
    name: 'list elements',
    files: { 'default.nix': env('[ pkgs.hello other.vim ]') },
    observes: ['pkgs.hello = hello x86_64-linux', 'other.vim = vim x86_64-darwin'],
  },
  { name: 'with', files: { 'default.nix': env('with other; [ jq ]') }, observes: ['jq = jq x86_64-darwin'] },
  {
    name: 'nested with',
    files: { 'default.nix': env('with pkgs; with perlPackages; [ LWP jq ]') },
    observes: ['LWP = perl-LWP x86_64-linux', 'jq = jq x86_64-linux'],
  },
  {
    name: 'with shadowed by let',
    files: { 'default.nix': env('with pkgs; let jq = other.jq; in [ jq ]') },
    observes: ['other.jq = jq x86_64-darwin', 'jq = jq x86_64-darwin'],
  },
  {
    name: 'let chains',
    files: {
      'default.nix': root('let a = other.vim; b = a; in pkgs.buildEnv { name = "root"; paths = [ b ]; }'),
    },
    observes: ['other.vim = vim x86_64-darwin', 'a = vim x86_64-darwin', 'b = vim x86_64-darwin'],
  },
  {
    name: 'recursive sets',
    files: { 'default.nix': env('[ (rec { a = other.vim; b = a; }).b ]') },
    observes: ['other.vim = vim x86_64-darwin', 'a = vim x86_64-darwin'],
  },
  {
    name: 'inherit',
    files: {
      'default.nix': root(
        'let vim = other.vim; set = { inherit vim; }; in pkgs.buildEnv { name = "root"; paths = [ set.vim ]; }',
      ),
    },
    observes: ['vim = vim x86_64-darwin', 'set.vim = vim x86_64-darwin'],
  },
  {
    name: 'inherit from a name',
    files: {
      'default.nix': root('let inherit (other) vim; in pkgs.buildEnv { name = "root"; paths = [ vim ]; }'),
    },
    observes: ['vim = vim x86_64-darwin'],
  },
  {
    name: 'inherit from an expression',
    files: { 'default.nix': env('builtins.attrValues { inherit (import set { }) vim jq; }') },
    observes: ['vim = vim x86_64-darwin', 'jq = jq x86_64-darwin'],
  },
  {
    name: 'inherit from an expression in a let',
    files: {
      'default.nix': root(
        'let inherit (import set { }) vim; in pkgs.buildEnv { name = "root"; paths = [ vim ]; }',
      ),
    },
    observes: ['vim = vim x86_64-darwin'],
  },
  {
    name: 'formals with defaults',
    files: {
      'default.nix': root(
        'pkgs.buildEnv { name = "root"; paths = [ (({ p ? other, q ? p.vim }: q) { }) ]; }',
      ),
    },
    observes: ['p.vim = vim x86_64-darwin'],
  },
  {
    name: 'the name of all arguments',
    files: {
      'default.nix': root(
        'pkgs.buildEnv { name = "root"; paths = [ ((args@{ ... }: args.tool) { tool = other.vim; }) ]; }',
      ),
    },
    observes: ['args.tool = vim x86_64-darwin', 'other.vim = vim x86_64-darwin'],
  },
  {
    name: 'curried functions',
    files: {
      'default.nix': root(
        'let f = a: b: b.vim; in pkgs.buildEnv { name = "root"; paths = [ (f pkgs other) ]; }',
      ),
    },
    observes: ['b.vim = vim x86_64-darwin'],
  },
  {
    name: 'a function that is called for several systems',
    files: {
      'default.nix': root(
        'let f = s: (import set { system = s; }).vim; in pkgs.buildEnv { name = "root"; paths = map f [ "x86_64-linux" "aarch64-linux" ]; }',
      ),
    },
    observes: [
      '(import set { system = s; }).vim = vim x86_64-linux',
      '(import set { system = s; }).vim = vim aarch64-linux',
    ],
  },
  {
    name: 'or',
    files: { 'default.nix': env('[ (other.missing or other.vim) ]') },
    observes: ['other.missing or other.vim = vim x86_64-darwin'],
  },
  {
    name: 'interpolation',
    files: { 'default.nix': root('pkgs.runCommand "root" { } "${other.vim}/bin/vim"') },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'interpolation in an indented string',
    files: { 'default.nix': root("pkgs.runCommand \"root\" { } ''\n  a ${other.vim}/bin/vim ''${b}\n''") },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'list concatenation and map',
    files: { 'default.nix': env('map (p: p) ([ pkgs.hello ] ++ [ other.vim ])') },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'callPackage',
    files: {
      'default.nix': env('[ (other.callPackage ./tool.nix { }) ]'),
      'tool.nix': '{ stdenv, hello, }: stdenv.mkDerivation { name = "tool"; buildInputs = [ hello ]; }',
    },
    observes: ['hello = hello x86_64-darwin', 'other.callPackage ./tool.nix { } = tool x86_64-darwin'],
  },
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
    name: 'overlays',
    files: {
      'default.nix':
        '{ set }: let other = import set { }; pkgs = import set { system = "x86_64-linux"; overlays = [ (final: prev: { vim = other.vim; tool = prev.jq; }) ]; }; in pkgs.buildEnv { name = "root"; paths = [ pkgs.vim pkgs.tool ]; }',
    },
    observes: ['other.vim = vim x86_64-darwin', 'prev.jq = jq x86_64-linux'],
  },
  {
    name: 'overrideAttrs',
    files: {
      'default.nix': env('[ (pkgs.hello.overrideAttrs (old: { name = "hello-2"; tool = other.vim; })) ]'),
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'an argument that is a function of the result',
    files: {
      'default.nix': env(
        '[ (pkgs.stdenv.mkDerivation (final: { name = "tool"; version = "2"; tag = final.version; tool = other.vim; })) ]',
      ),
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'passthru',
    files: { 'default.nix': env('[ other.nix.perl-bindings ]') },
    observes: ['other.nix.perl-bindings = nix-perl x86_64-darwin'],
  },
  {
    name: 'outputs',
    files: { 'default.nix': env('[ other.nix.dev ]') },
    observes: ['other.nix.dev = nix x86_64-darwin'],
  },
  {
    name: 'a derivation that mentions itself',
    files: {
      'default.nix': root(
        'let self = pkgs.stdenv.mkDerivation { name = "root"; version = "3"; tag = "v${self.version}"; tool = other.vim; }; in self',
      ),
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'recursive sets of packages',
    files: {
      'default.nix': root(
        'let set = rec { a = pkgs.runCommand "a" { } "${b}"; b = other.vim; }; in pkgs.buildEnv { name = "root"; paths = [ set.a ]; }',
      ),
    },
    observes: ['b = vim x86_64-darwin', 'other.vim = vim x86_64-darwin'],
  },
  {
    name: 'conditions',
    files: {
      'default.nix': root(
        'pkgs.buildEnv { name = "root"; paths = [ (if true then other.vim else pkgs.vim) ] ++ pkgs.lib.optional true other.jq; }',
      ),
    },
    observes: ['other.vim = vim x86_64-darwin', 'other.jq = jq x86_64-darwin'],
  },
  {
    name: 'structured attributes',
    files: {
      'default.nix': root(
        'derivation { name = "root"; system = "x86_64-linux"; builder = "/bin/sh"; __structuredAttrs = true; tools = { a = [ other.vim ]; }; }',
      ),
    },
    observes: ['other.vim = vim x86_64-darwin'],
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
    name: 'a shadowed with whose value does not evaluate',
    level: 1,
    files: {
      'default.nix': root(
        'with { pkgs = 1 + { }; }; pkgs.buildEnv { name = "root"; paths = [ other.vim pkgs.hello ]; }',
      ),
    },
    observes: ['other.vim = vim x86_64-darwin', 'pkgs.hello = hello x86_64-linux'],
  },
  {
    name: 'trailing commas and a file without an end of line',
    files: {
      'default.nix':
        '{ set, }:\nlet other = import set { }; in (import set { system = "x86_64-linux"; }).buildEnv { name = "root"; paths = [ other.vim ]; }',
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'a directory with a blank and a quote in its name',
    directory: 'my "work" ${x}',
    files: { 'default.nix': env('[ (import ./a.nix { inherit other; }) ]'), 'a.nix': '{ other }: other.vim' },
    observes: ['other.vim = vim x86_64-darwin'],
  },
];

describe('what probes observe', () => {
  for (const { name, observes, level = 0, ...workspace } of cases) {
    test(name, async () => {
      const report = await evaluateWorkspace(workspace, { as: 'x86_64-darwin' });
      assert.equal(report.probes.level, level, report.probes.fallbackReason);
      const seen = report.observations.flatMap(({ text, derivations }) =>
        derivations.map((id) => `${text} = ${report.graph.derivation(id).name} ${report.graph.system(id)}`),
      );
      for (const expected of observes)
        assert.ok(seen.includes(expected), `${expected}\nwas not among\n${seen.join('\n')}`);
    });
  }
});
