import type { System } from '../../model/system.ts';

/** What an image says of itself. */
export interface ImageConfig {
  /** `linux/amd64`, as Docker and the OCI write it. */
  readonly label: string;
  /** The system on which its programs run. */
  readonly system: System;
  /** Programs that a container starts, as far as the configuration names them. */
  readonly commands: readonly string[];
}

/**
 * Processors by the names of Go, which images use (OCI image specification,
 * `config.md`, "architecture"), and by their own, which some tools use.
 */
const processors: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x86_64: 'x86_64',
  386: 'i686',
  arm64: 'aarch64',
  aarch64: 'aarch64',
  arm: 'armv7l',
  ppc64le: 'powerpc64le',
  ppc64: 'powerpc64',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loongarch64',
  mips64le: 'mips64el',
};

/** An image for this platform; undefined where it is none of Linux, or its processor is not known. */
export function imageFor(
  os: unknown,
  architecture: unknown,
  commands: readonly string[],
): ImageConfig | undefined {
  if (os !== 'linux' || typeof architecture !== 'string') return undefined;
  const processor = Object.hasOwn(processors, architecture) ? processors[architecture] : undefined;
  if (processor === undefined) return undefined;
  return { label: `linux/${architecture}`, system: `${processor}-linux`, commands };
}

/**
 * Reads the configuration of an image (OCI image specification, `config.md`),
 * or that of a bundle for a container's runtime (OCI runtime specification,
 * `config.md`; its platform was part of it before 1.0). Undefined for any other text.
 */
export function parseImageConfig(text: string): ImageConfig | undefined {
  if (!/^\s*\{/.test(text) || !text.includes('"linux"')) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Some other text that begins with a brace.
    return undefined;
  }
  const whole = recordOf(json);
  if ('ociVersion' in whole) {
    const { os, arch } = recordOf(whole.platform);
    return imageFor(os, arch, firstWord(recordOf(whole.process).args));
  }
  return imageFor(whole.os, whole.architecture, commandsOf(whole.config));
}

/** The programs that an image's `config` starts: all of its commands begin with one. */
export function commandsOf(config: unknown): readonly string[] {
  const { Cmd, Entrypoint } = recordOf(config);
  return [...firstWord(Entrypoint), ...firstWord(Cmd)];
}

function firstWord(command: unknown): readonly string[] {
  const words: readonly unknown[] = Array.isArray(command) ? command : [];
  const [first] = words;
  return typeof first === 'string' ? [first] : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
