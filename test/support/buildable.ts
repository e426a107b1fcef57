import { execa } from 'execa';
import { randomUUID } from 'node:crypto';
import { findBuilders, type Builders } from '../../server/src/check/builders.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { readConfiguration, type GivenOption } from '../../server/src/nix/nixConfiguration.ts';
import { instantiateFile } from '../../server/src/nix/evaluate.ts';
import { findNix, type NixInstallation } from '../../server/src/nix/installation.ts';
import { evaluationArguments } from './evaluationArguments.ts';
import { NixFolder } from './nixFolder.ts';

/** What was foretold of a build, and what became of it. */
export interface TriedBuild {
  readonly foretold: Builders;
  readonly isBuilt: boolean;
  /** White space is one blank each. */
  readonly stderr: string;
  /** The machines that Nix tried to reach, in its order. */
  readonly asked: readonly string[];
}

/** Options under which a test may build as root, without users or namespaces of its own. */
const unsandboxed: readonly GivenOption[] = [
  ['sandbox', 'false'],
  ['build-users-group', ''],
  ['substitute', 'false'],
];

/**
 * Foretells who builds a derivation that nobody has built yet, and lets a real Nix try.
 *
 * @param drvPath one that {@link untried} gave for the same Nix
 * @param timeout milliseconds after which a Nix that waits is ended
 */
export async function tryBuild(
  nixDirectory: string,
  drvPath: string,
  options: readonly GivenOption[],
  timeout = 30_000,
): Promise<TriedBuild> {
  const nix = await installationOf(nixDirectory);
  const { builders } = await readConfiguration(nix, {}, [...unsandboxed, ...options]);
  const graph = await loadClosure(drvPath);
  const { exitCode, stderr } = await realise(nix, drvPath, options, timeout);
  return {
    foretold: findBuilders(graph.derivation(graph.root), builders),
    isBuilt: exitCode === 0,
    stderr: oneBlank(stderr),
    asked: [...stderr.matchAll(/cannot build on '([^']*)'/g)].map(([, uri = '']) => uri),
  };
}

const installations = new Map<string, Promise<NixInstallation>>();

/** Each version is asked once what it is. */
function installationOf(directory: string): Promise<NixInstallation> {
  const found = installations.get(directory) ?? findNix({ directory });
  installations.set(directory, found);
  return found;
}

export function oneBlank(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * Makes derivations that differ from all that were ever built, in one evaluation.
 *
 * @param attributes more attributes of each derivation, as Nix text
 * @returns their store paths, in the order of `attributes`
 */
export async function untried(nixDirectory: string, attributes: readonly string[]): Promise<string[]> {
  const derivations = attributes.map(
    (own) => `(derivation ({
      name = "tried"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo > $out" ];
      once = "${randomUUID()}";
    } // { ${own} }))`,
  );
  using folder = new NixFolder({ 'default.nix': `[ ${derivations.join('\n')} ]` });
  const evaluation = { file: folder.path, attribute: '', arguments: evaluationArguments() };
  return await instantiateFile(await installationOf(nixDirectory), evaluation);
}

function realise(nix: NixInstallation, drvPath: string, options: readonly GivenOption[], timeout: number) {
  const flags = [...unsandboxed, ...options].flatMap(([name, value]) => ['--option', name, value]);
  return execa(nix.commands.nixStore ?? 'nix-store', ['--realise', drvPath, ...flags], {
    reject: false,
    stdin: 'ignore',
    timeout,
  });
}
