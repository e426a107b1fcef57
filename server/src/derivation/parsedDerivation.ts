import type { EdgeRole } from '../model/derivation.ts';

/** An output as its derivation declares it. */
export interface ParsedOutput {
  readonly name: string;
  /** Absent where it is known only after the build (floating content-addressed, deferred, impure). */
  readonly path?: string;
  readonly fixedOutput: boolean;
}

/** An input derivation with the names of its outputs that are used. */
export interface ParsedInput {
  readonly drvPath: string;
  /** An output of an output that is itself a derivation is written `outer^inner`, as in Nix's installables. */
  readonly outputs: readonly string[];
}

/** A store path, or the placeholder of one, found where it has a role. */
export interface PathMention {
  readonly role: EdgeRole;
  /** The 32 characters of the store path's hash part, or the 52 of a placeholder. */
  readonly hash: string;
}

/** What a cross-compiling nixpkgs leaves in the flags of a derivation. */
export interface CrossFlags {
  /** Value of the last `-DCMAKE_SYSTEM_NAME=`, e.g. `Linux`. */
  readonly cmakeSystemName?: string;
  readonly cmakeSystemProcessor?: string;
  readonly mesonCrossFile: boolean;
  /** Its `configurePlatforms` is empty: before 19.09 that kept all of these flags out. */
  readonly noConfigurePlatforms?: boolean;
  /** Values of the last `--host=` and `--build=` of `configureFlags`. */
  readonly configureHost?: string;
  readonly configureBuild?: string;
}

/** What a derivation says of the platform for which its outputs make code. */
export interface TargetSigns {
  /** The triple for which a compiler's wrapper is, as part of the names of variables: `aarch64_unknown_linux_gnu`. */
  readonly salt?: string;
  /** Value of the last `--target=` of `configureFlags`, beside a `--host=`: alone it means other things. */
  readonly configureTarget?: string;
  /**
   * Of a Go compiler that knows cross-compilation: it has `GOROOT_BOOTSTRAP`, as
   * what is built with it has not, and names its own platform.
   */
  readonly bootstrapsGo?: boolean;
  readonly goHostArchitecture?: string;
  /** `GOARCH` and `GOOS`: of a compiler its target platform, of a package in Go its host platform. */
  readonly goArchitecture?: string;
  readonly goSystem?: string;
}

/** What the graph needs of one derivation, whichever form it was read from. */
export interface ParsedDerivation {
  readonly outputs: readonly ParsedOutput[];
  readonly inputs: readonly ParsedInput[];
  readonly system: string;
  readonly builder: string;
  readonly uses: readonly PathMention[];
  /** Its environment has a `stdenv`, as everything made by nixpkgs' `mkDerivation` has. */
  readonly hasStdenv: boolean;
  /** It is itself a `stdenv`, which is for the platform that it is built on. */
  readonly isStdenv: boolean;
  readonly crossFlags: CrossFlags | undefined;
  readonly targetSigns: TargetSigns | undefined;
  readonly preferLocalBuild: boolean;
  readonly allowSubstitutes: boolean;
  readonly requiredSystemFeatures: readonly string[];
  /** Its build command writes below `$out/nix-support` only, `setup-hook` among it. */
  readonly setupHookOnly: boolean;
}
