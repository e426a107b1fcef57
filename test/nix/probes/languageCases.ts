import { env, root, type ProbeCase } from './probeCase.ts';

/** Forms of the language: scopes, functions, strings, operators. */
export const languageCases: readonly ProbeCase[] = [
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
    name: 'conditions',
    files: {
      'default.nix': root(
        'pkgs.buildEnv { name = "root"; paths = [ (if true then other.vim else pkgs.vim) ] ++ pkgs.lib.optional true other.jq; }',
      ),
    },
    observes: ['other.vim = vim x86_64-darwin', 'other.jq = jq x86_64-darwin'],
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
    name: 'with shadowed by rec',
    files: { 'default.nix': env('with other; [ (rec { jq = pkgs.jq; tool = jq; }).tool ]') },
    observes: ['pkgs.jq = jq x86_64-linux', 'jq = jq x86_64-linux'],
    neverObserves: ['jq = jq x86_64-darwin'],
  },
  {
    name: 'with shadowed by a formal',
    files: { 'default.nix': env('with other; [ (({ jq }: with other; jq) { inherit (pkgs) jq; }) ]') },
    observes: ['jq = jq x86_64-linux'],
    neverObserves: ['jq = jq x86_64-darwin'],
  },
  {
    name: 'with shadowed by an inner with',
    files: { 'default.nix': env('with other; with pkgs; [ jq ]') },
    observes: ['jq = jq x86_64-linux'],
    neverObserves: ['jq = jq x86_64-darwin'],
  },
  {
    name: 'an outer with where the inner one lacks the name',
    files: { 'default.nix': env('with other; with pkgs.perlPackages; [ jq LWP ]') },
    observes: ['jq = jq x86_64-darwin', 'LWP = perl-LWP x86_64-linux'],
  },
  {
    name: 'several names inherited from one set',
    files: { 'default.nix': env('builtins.attrValues { inherit (other) vim jq; inherit (pkgs) hello; }') },
    observes: ['vim = vim x86_64-darwin', 'jq = jq x86_64-darwin', 'hello = hello x86_64-linux'],
  },
  {
    name: 'inherit in a recursive set',
    files: {
      'default.nix': root(
        'let tool = other.vim; in pkgs.buildEnv { name = "root"; paths = [ (rec { inherit tool; again = tool; }).again ]; }',
      ),
    },
    observes: ['tool = vim x86_64-darwin', 'other.vim = vim x86_64-darwin'],
  },
  {
    name: 'inherit from an expression in a recursive set',
    files: { 'default.nix': env('[ (rec { inherit (import set { }) vim; again = vim; }).again ]') },
    observes: ['vim = vim x86_64-darwin'],
  },
  {
    name: 'interpolation in attribute names',
    files: {
      'default.nix': env(
        'let tools = { "tool-${pkgs.system}" = other.vim; ${"j" + "q"} = other.jq; }; in [ tools."tool-${pkgs.system}" tools.${"jq"} ]',
      ),
    },
    observes: [
      'other.vim = vim x86_64-darwin',
      'other.jq = jq x86_64-darwin',
      'tools."tool-${pkgs.system}" = vim x86_64-darwin',
      'tools.${"jq"} = jq x86_64-darwin',
    ],
  },
  {
    name: 'a function that selects by its argument',
    files: {
      'default.nix': env('map (name: other.${name}) [ "vim" "jq" ]'),
    },
    observes: ['other.${name} = vim x86_64-darwin', 'other.${name} = jq x86_64-darwin'],
  },
  {
    name: 'pipe operators',
    since: [2, 24],
    option: [['extra-experimental-features', 'pipe-operators']],
    files: {
      'default.nix': env('[ other.vim ] |> (list: list ++ [ other.jq ]) |> map (p: p)'),
    },
    observes: ['other.vim = vim x86_64-darwin', 'other.jq = jq x86_64-darwin'],
  },
  {
    name: 'a program that uses the name of the probes',
    files: { 'default.nix': env('let __npl = other.vim; in [ __npl other.jq ]') },
    observes: ['other.jq = jq x86_64-darwin', '__npl = vim x86_64-darwin'],
  },
  {
    name: 'a target that is a set of one derivation',
    isOneDerivation: false,
    files: { 'default.nix': root('{ only = pkgs.buildEnv { name = "root"; paths = [ other.vim ]; }; }') },
    observes: ['other.vim = vim x86_64-darwin'],
  },
];
