import type { RuleId, Severity } from '../model/judgement.ts';
import { ruleTable, type RuleDescription } from './ruleTable.ts';

/** A chapter that says why a rule is one. */
export interface ManualReference {
  /** E.g. "nixpkgs manual, chapter Cross-compilation, section Packaging". */
  readonly text: string;
  /** Absent where no address is known to last. */
  readonly url?: string;
}

/** How sure one can be that a finding of a rule is a mistake, in the words of code scanning. */
export type Precision = 'very-high' | 'high' | 'medium';

/** What a rule means at length; the short words stand in {@link ruleTable}. */
export interface RuleHelp {
  /** Paragraphs. */
  readonly meaning: readonly string[];
  readonly bad: string;
  readonly good: string;
  /** What to do next. */
  readonly next: string;
  readonly manual: ManualReference;
  readonly precision: Precision;
}

/** What is reported beside the leaks of one closure. */
export const systemDependence = 'system-dependence';

const systemDependenceRow: RuleDescription = {
  title: 'A target that depends on the machine that evaluates it',
  summary: 'What is deployed has to be the same whoever evaluates it.',
  severity: 'warning',
};

/** Ids that are explained: those of the table, and what is reported beside it. */
export type ExplainedId = RuleId | typeof systemDependence;

export const explainedIds: readonly ExplainedId[] = [...keysOf(ruleTable), systemDependence];

/** All that is known of a rule. */
export type ExplainedRule = RuleDescription & RuleHelp & { readonly id: ExplainedId };

export function explainedRule(id: ExplainedId): ExplainedRule {
  return { id, ...(id === systemDependence ? systemDependenceRow : ruleTable[id]), ...ruleHelp[id] };
}

export function isExplained(id: string): id is ExplainedId {
  return explainedIds.some((known) => known === id);
}

/** The word of code scanning for a severity. */
export const problemSeverity: Readonly<Record<Severity, 'error' | 'warning' | 'recommendation'>> = {
  error: 'error',
  warning: 'warning',
  info: 'recommendation',
};

function keysOf(table: Readonly<Record<RuleId, unknown>>): RuleId[] {
  return Object.keys(table).filter((key): key is RuleId => Object.hasOwn(table, key));
}

const nixpkgsManual = 'https://nixos.org/manual/nixpkgs/stable/';
const specifyingDependencies: ManualReference = {
  text: 'nixpkgs manual, chapter The Standard Environment, section Specifying dependencies',
  url: `${nixpkgsManual}#ssec-stdenv-dependencies`,
};
const dependencyCategories: ManualReference = {
  text: 'nixpkgs manual, chapter Cross-compilation, section Theory of dependency categorization',
  url: `${nixpkgsManual}#ssec-cross-dependency-categorization`,
};
const splicing: ManualReference = {
  text: 'nixpkgs manual, chapter Cross-compilation, section Implementation of dependencies',
  url: `${nixpkgsManual}#ssec-cross-dependency-implementation`,
};
const derivations: ManualReference = { text: 'Nix manual, chapter Derivations, attribute system' };

/** The rows of two rules stand here before anything finds them. */
const ruleHelp: Readonly<Record<ExplainedId | 'misplaced-tool' | 'unused-suppression', RuleHelp>> = {
  'build-platform': {
    meaning: [
      'A builder, its arguments, the stdenv, and what stands in nativeBuildInputs or depsBuildBuild are run while the consumer is built. They have to run on the system that the consumer is built on.',
      'Natively, such an input was built for another machine altogether: its package set was made without `system`, or for another one. Under cross-compilation, it is mostly the package for the host platform where its twin for the build platform is needed: only what callPackage passes is spliced.',
    ],
    bad: 'stdenv.mkDerivation {\n  nativeBuildInputs = [ pkgs.protobuf ];\n}',
    good: 'stdenv.mkDerivation {\n  nativeBuildInputs = [ pkgs.pkgsBuildHost.protobuf ];\n}',
    next: 'Take the package from the set of the right platform, or as an argument of callPackage; try the quick-fixes, which were proven by evaluation.',
    manual: dependencyCategories,
    precision: 'very-high',
  },
  'host-platform': {
    meaning: [
      'What stands in buildInputs is linked into the outputs of its consumer, or needed by them when they run. It has to run where they run: on the host platform of the consumer.',
      'An input for another machine mostly comes from a second package set: `import nixpkgs { }` takes the system of the machine that evaluates it, and a `let pkgs = …` wins over any `with`.',
    ],
    bad: 'let pkgs = import nixpkgs { }; in\nsystem: with import nixpkgs { inherit system; };\nstdenv.mkDerivation { buildInputs = [ pkgs.openssl ]; }',
    good: 'system: let pkgs = import nixpkgs { inherit system; }; in\npkgs.stdenv.mkDerivation { buildInputs = [ pkgs.openssl ]; }',
    next: 'Repair the expression that is named as the cause, not the list in which the package stands; one repair often removes many leaks.',
    manual: specifyingDependencies,
    precision: 'very-high',
  },
  'target-platform': {
    meaning: [
      'A compiler gives its products libraries for the platform that it makes code for (depsTargetTarget). A library that runs on another platform than that cannot be one of them.',
    ],
    bad: 'gcc.override { libcCross = (import nixpkgs { system = "x86_64-darwin"; }).libiconv; }',
    good: 'gcc.override { libcCross = targetPackages.libiconv; }',
    next: 'Take the library from targetPackages.',
    manual: dependencyCategories,
    precision: 'high',
  },
  'plain-reference': {
    meaning: [
      'A path that a derivation mentions in any variable, mostly by `${…}` in a string, is a build tool or something that is used at run time. It has to run on the build platform or on the host platform; one that runs on neither is of use nowhere.',
      "The machine that deploys such a closure is asked to build it for a system that it is not, and refuses: `a 'x86_64-darwin' with features {} is required to build …`.",
    ],
    bad: 'systemd.services.web.script = "${(import <nixpkgs> { }).jq}/bin/jq …";',
    good: '{ pkgs, ... }: {\n  systemd.services.web.script = "${pkgs.jq}/bin/jq …";\n}',
    next: 'Take the package from the set that the consumer comes from.',
    manual: derivations,
    precision: 'very-high',
  },
  'build-script': {
    meaning: [
      'A phase, a setup hook or a build command starts this program while the package is built, so it has to run on the build platform. `${foo}` in a string is never spliced: under cross-compilation it is the package for the host platform, and ends in `Exec format error`.',
    ],
    bad: 'postPatch = "${python3}/bin/python3 generate.py";',
    good: 'postPatch = "${buildPackages.python3}/bin/python3 generate.py";\n# or nativeBuildInputs = [ python3 ]; and\npostPatch = "python3 generate.py";',
    next: 'Name the tool in nativeBuildInputs and call it by its name, or take it from buildPackages.',
    manual: splicing,
    precision: 'high',
  },
  'runtime-script': {
    meaning: [
      'An installed script, a wrapper or a link names a program that runs on the build platform only. The package builds, and fails where it is used.',
    ],
    bad: 'postInstall = "wrapProgram $out/bin/x --prefix PATH : ${buildPackages.git}/bin";',
    good: 'postInstall = "wrapProgram $out/bin/x --prefix PATH : ${git}/bin";',
    next: 'Take what is named at run time from the package set itself, not from buildPackages.',
    manual: dependencyCategories,
    precision: 'high',
  },
  'expected-platform': {
    meaning: [
      'A flake output, an image or a machine is named after a platform, or was asked for one, and its outputs run on another. `packages.aarch64-linux.app` that is made for x86_64-linux is found only when somebody installs it.',
    ],
    bad: 'packages.aarch64-linux.app = nixpkgs.legacyPackages.x86_64-linux.callPackage ./app.nix { };',
    good: 'packages.aarch64-linux.app = nixpkgs.legacyPackages.aarch64-linux.callPackage ./app.nix { };',
    next: 'Pass the system that the output is named after, or rename the output.',
    manual: { text: 'Nix manual, command nix flake check, section Evaluation checks' },
    precision: 'very-high',
  },
  'no-builder': {
    meaning: [
      'Every derivation that is not substituted needs a machine whose system (or extra-platforms) and features fit: this one, or one of `builders`. None of those that are known here does.',
      'preferLocalBuild chooses among machines that can build it; it never changes the platform.',
    ],
    bad: '# /etc/nix/machines names x86_64-linux machines only\nnix-build -A packages.aarch64-darwin.app',
    good: '# /etc/nix/machines\nssh://mac aarch64-darwin',
    next: 'Name a machine of that system in `builders`, have it substituted, or remove it from the closure.',
    manual: { text: 'Nix manual, chapter Remote Builds' },
    precision: 'medium',
  },
  emulation: {
    meaning: [
      'The input is meant for another processor and runs here because of an emulator (Rosetta, or extra-platforms with binfmt). That may be on purpose; it is slow, and ends where there is no emulator.',
    ],
    bad: '# on aarch64-darwin\nbuildInputs = [ (import nixpkgs { system = "x86_64-darwin"; }).jq ];',
    good: 'buildInputs = [ jq ];',
    next: 'Take the native package where there is one.',
    manual: { text: 'Nix manual, chapter nix.conf, setting extra-platforms' },
    precision: 'medium',
  },
  'fixed-output': {
    meaning: [
      'A fixed-output derivation has the same content on every system, so it may be used by any. As long as it is not substituted, its fetcher has to run on a machine of its own system, and on another one the build fails there.',
    ],
    bad: 'src = (import nixpkgs { system = "x86_64-darwin"; }).fetchurl { … };',
    good: 'src = fetchurl { … };',
    next: 'It goes away with the leak that brings in the package set of the other system. Alone, it is never an error.',
    manual: { text: 'Nix manual, chapter Advanced Attributes, attribute outputHash' },
    precision: 'high',
  },
  'missing-compiler': {
    meaning: [
      'Under cross-compilation, the compiler of stdenv makes code for the host platform only, and its programs have that platform before their names: `$CC` names it, `gcc` and `cc` are not there. A program that it makes cannot be started by the same build.',
      'What a build compiles for itself, such as a generator of tables or the build script of a crate, needs a compiler for the build platform: in depsBuildBuild, where it is called `gcc` and named by `$CC_FOR_BUILD`.',
    ],
    bad: 'buildPhase = "$CC gen.c -o gen; ./gen > table.h";',
    good: 'depsBuildBuild = [ buildPackages.stdenv.cc ];\nbuildPhase = "$CC_FOR_BUILD gen.c -o gen; ./gen > table.h";',
    next: 'Use `$CC` for what is installed; for what the build starts, add `buildPackages.stdenv.cc` to depsBuildBuild and use `$CC_FOR_BUILD`.',
    manual: specifyingDependencies,
    precision: 'high',
  },
  'own-program': {
    meaning: [
      'Under cross-compilation, what a build installs is for the host platform. A line such as `$out/bin/tool completion bash`, which has the tool write its own completions or manual, then fails with `Exec format error`, or leaves empty files.',
      'Whether a package in Go or Rust is compiled is certain: a warning. Of others it may be a script: a note.',
    ],
    bad: 'postInstall = "$out/bin/tool completion bash > tool.bash";',
    good: 'postInstall = lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) "$out/bin/tool completion bash > tool.bash";',
    next: 'Leave the line out where the build platform cannot run what it makes, or start the same package of `buildPackages`.',
    manual: specifyingDependencies,
    precision: 'high',
  },
  'misplaced-tool': {
    meaning: [
      'Under cross-compilation, what stands in buildInputs is for the host platform and is not on the PATH of the build. A tool that the build has to run is found natively all the same, because strictDeps is off there: so the mistake shows only when somebody cross-compiles.',
    ],
    bad: 'buildInputs = [ pkg-config openssl ];',
    good: 'nativeBuildInputs = [ pkg-config ];\nbuildInputs = [ openssl ];',
    next: 'Move the tool to nativeBuildInputs.',
    manual: specifyingDependencies,
    precision: 'medium',
  },
  'unused-suppression': {
    meaning: [
      'A comment says that a finding is meant to be, and there is no such finding at its line any more. It would hide the next one.',
      'One that gives no reason, or names no rule, is not heeded. It speaks of what starts on its own line or, where it stands alone, on the next one; within a string it stands in the interpolation, as `${/* nix-platform-lens: allow RULE: REASON */ foo}`.',
    ],
    bad: 'nativeBuildInputs = [\n  cmake # nix-platform-lens: allow build-platform: the farm has Macs\n];',
    good: 'nativeBuildInputs = [\n  cmake\n];',
    next: 'Remove it, or write it as it is heeded.',
    manual: { text: 'docs/rules.md of Nix Platform Lens, section Allow a finding' },
    precision: 'very-high',
  },
  [systemDependence]: {
    meaning: [
      'Evaluated as another system, the target has another root. Whoever deploys it from a Mac deploys something else than the CI has built.',
      'It is a warning for what is deployed, and for a root that is built on one system all the same; information for what follows the machine as a whole, such as a shell. It never changes the exit status, and neither a level nor a comment can be set for it.',
    ],
    bad: '{ pkgs ? import <nixpkgs> { } }: …',
    good: '{ pkgs ? import <nixpkgs> { system = "x86_64-linux"; } }: …',
    next: 'Name the system where the package set is made. For a shell, or anything that is meant to follow the machine, nothing is wrong.',
    manual: { text: 'Nix manual, chapter Built-in Constants, builtins.currentSystem' },
    precision: 'high',
  },
};
