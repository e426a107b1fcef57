import { env, root, type ProbeCase } from './probeCase.ts';

/** What package sets and modules are made with. */
export const packageCases: readonly ProbeCase[] = [
  {
    name: 'callPackage',
    files: {
      'default.nix': env('[ (other.callPackage ./tool.nix { }) ]'),
      'tool.nix': '{ stdenv, hello, }: stdenv.mkDerivation { name = "tool"; buildInputs = [ hello ]; }',
    },
    observes: ['hello = hello x86_64-darwin', 'other.callPackage ./tool.nix { } = tool x86_64-darwin'],
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
    name: 'structured attributes',
    files: {
      'default.nix': root(
        'derivation { name = "root"; system = "x86_64-linux"; builder = "/bin/sh"; __structuredAttrs = true; tools = { a = [ other.vim ]; }; }',
      ),
    },
    observes: ['other.vim = vim x86_64-darwin'],
  },
  {
    name: 'override',
    files: {
      'default.nix': env('[ ((pkgs.callPackage ./tool.nix { }).override { hello = other.hello; }) ]'),
      'tool.nix': '{ stdenv, hello }: stdenv.mkDerivation { name = "tool"; buildInputs = [ hello ]; }',
    },
    observes: ['other.hello = hello x86_64-darwin', 'hello = hello x86_64-darwin'],
  },
  {
    name: 'an override that keeps what it replaces',
    files: {
      'default.nix': env(
        '[ (pkgs.git.overrideAttrs (old: { buildInputs = old.buildInputs or [ ] ++ [ other.jq ]; version = "2"; })) ]',
      ),
    },
    observes: ['other.jq = jq x86_64-darwin'],
  },
  {
    name: 'passthru of a package of the workspace',
    files: {
      'default.nix': env(
        'let tool = pkgs.stdenv.mkDerivation { name = "tool"; passthru.helper = other.vim; }; in [ tool tool.helper ]',
      ),
    },
    observes: ['tool.helper = vim x86_64-darwin', 'other.vim = vim x86_64-darwin'],
  },
  {
    name: 'makeScope',
    files: {
      'default.nix': env(
        '[ (pkgs.lib.makeScope pkgs.newScope (self: { helper = other.vim; tool = self.callPackage ./tool.nix { }; })).tool ]',
      ),
      'tool.nix':
        '{ stdenv, helper, jq }: stdenv.mkDerivation { name = "tool"; buildInputs = [ helper jq ]; }',
    },
    observes: [
      'other.vim = vim x86_64-darwin',
      'helper = vim x86_64-darwin',
      'jq = jq x86_64-linux',
      'self.callPackage ./tool.nix { } = tool x86_64-linux',
    ],
  },
  {
    name: 'symlinkJoin',
    files: {
      'default.nix': root('pkgs.symlinkJoin { name = "root"; paths = with other; [ vim pkgs.jq ]; }'),
    },
    observes: ['vim = vim x86_64-darwin', 'pkgs.jq = jq x86_64-linux'],
  },
  {
    name: 'spliced lists',
    files: {
      'default.nix': `
        { set }:
        let
          build = import set { system = "x86_64-linux"; };
          cross = import set {
            system = "x86_64-linux"; crossSystem = "aarch64-linux";
            spliced = final: { jq = final.jq // { __spliced = { buildHost = build.jq; hostTarget = final.jq; }; }; };
          };
        in cross.callPackage ./tool.nix { }`,
      'tool.nix': '{ stdenv, jq }: stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ jq ]; }',
    },
    observes: ['jq = jq x86_64-linux', 'build.jq = jq x86_64-linux'],
  },
  {
    name: 'modules',
    files: {
      'default.nix': root(`
        (pkgs.lib.evalModules {
          modules = [ ./options.nix ./tools.nix { tools = [ other.git ]; } ];
          specialArgs = { inherit pkgs other; };
        }).config.result`),
      'options.nix': `
        { lib, config, pkgs, other, ... }: {
          imports = [ ./server ];
          options = {
            editor = lib.mkOption { type = lib.types.package; default = other.vim; };
            shell = lib.mkOption { type = lib.types.package; };
            tools = lib.mkOption { type = lib.types.listOf lib.types.package; };
            named = lib.mkOption { type = lib.types.attrsOf lib.types.package; };
            result = lib.mkOption { type = lib.types.package; };
          };
          config.result = pkgs.buildEnv {
            name = "root";
            paths = config.tools ++ [ config.editor config.shell ] ++ builtins.attrValues config.named;
          };
        }`,
      'tools.nix': `
        { lib, pkgs, other, ... }:
        lib.mkMerge [
          { tools = with other; [ jq ]; shell = lib.mkDefault pkgs.jq; }
          (lib.mkIf true { tools = lib.mkIf true [ other.hello ]; shell = lib.mkForce other.nix; })
          (lib.mkIf false { tools = [ other.vim ]; shell = pkgs.git; })
        ]`,
      'server/default.nix':
        '{ lib, other, ... }: { config.named = lib.mkMerge [ { a = lib.mkDefault other.vim; } { b = other.nix.dev; } ]; }',
    },
    observes: [
      'jq = jq x86_64-darwin',
      'other.git = git x86_64-darwin',
      'other.hello = hello x86_64-darwin',
      'other.nix = nix x86_64-darwin',
      'other.vim = vim x86_64-darwin',
      'other.nix.dev = nix x86_64-darwin',
      'config.editor = vim x86_64-darwin',
      'config.shell = nix x86_64-darwin',
    ],
    neverObserves: ['pkgs.jq = jq x86_64-linux', 'pkgs.git = git x86_64-linux'],
  },
  {
    name: 'a directory of modules read with readDir',
    files: {
      'default.nix': root(`
        (pkgs.lib.evalModules {
          modules = [ ./options.nix ] ++ map (name: ./modules + "/\${name}") (builtins.attrNames (builtins.readDir ./modules));
          specialArgs = { inherit pkgs other; };
        }).config.result`),
      'options.nix': `
        { lib, config, pkgs, ... }: {
          options.tools = lib.mkOption { type = lib.types.listOf lib.types.package; };
          options.result = lib.mkOption { type = lib.types.package; };
          config.result = pkgs.buildEnv { name = "root"; paths = config.tools; };
        }`,
      'modules/a.nix': '{ other, ... }: { tools = [ other.vim ]; }',
      'modules/b/default.nix': '{ other, ... }: { tools = [ other.jq ]; }',
    },
    observes: ['other.vim = vim x86_64-darwin', 'other.jq = jq x86_64-darwin'],
  },
];
