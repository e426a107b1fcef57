import { toolName } from '../../check/excuses/toolsAtHand.ts';
import { hostOrBuild } from '../../check/hostSystems.ts';
import { toolOf } from '../../check/scripts/buildTools.ts';
import type { Variables } from '../../derivation/buildScript.ts';
import { tripleBeforeName } from '../../derivation/triples.ts';
import type { Derivation } from '../../model/derivation.ts';
import { hashPartOf } from '../../model/storePath.ts';
import { phaseScripts } from '../../shell/phases.ts';

/** A program that is started by a name under which a package does not have it. */
export interface RenamedProgram {
  readonly written: string;
  readonly called: string;
}

/** The programs of compilers, by the name of their package; see {@link toolOf} for those of others. */
const compilers: ReadonlyMap<string, readonly string[]> = new Map([
  ['gcc', ['gcc', 'g++', 'cc', 'c++', 'cpp']],
  ['clang', ['clang', 'clang++', 'cc', 'c++', 'cpp']],
  ['binutils', ['ar', 'as', 'ld', 'nm', 'objcopy', 'objdump', 'ranlib', 'readelf', 'strip']],
]);

/**
 * A program that a text starts by a path of a twin that has it under another
 * name; undefined where there is none. The programs of a compiler for another
 * platform, and of what belongs to it, begin with that platform's triple
 * (nixpkgs manual, "Cross-compilation", `targetPrefix`).
 *
 * @param former what the twin is in the place of
 */
export function findRenamedProgram(
  text: string,
  twin: Derivation,
  former: readonly Derivation[],
): RenamedProgram | undefined {
  const triple = tripleBeforeName(twin.name);
  const others = new Set(former.flatMap(({ name }) => tripleBeforeName(name) ?? []));
  for (const { path } of twin.outputs) {
    if (path === undefined) continue;
    const programs = new RegExp(`${hashPartOf(path)}-[^/\\s"']*/bin/([\\w.+-]+)`, 'g');
    for (const [, written = ''] of text.matchAll(programs)) {
      if (triple !== undefined && !written.startsWith(`${triple}-`))
        return { written, called: `${triple}-${written}` };
      const other = [...others].find((one) => one !== triple && written.startsWith(`${one}-`));
      if (triple === undefined && other !== undefined)
        return { written, called: written.slice(other.length + 1) };
    }
  }
  return undefined;
}

/**
 * A program that a phase starts by its plain name, which the twin of an input
 * has under another one; undefined where there is none, and where another input
 * has it under that name.
 */
export function findLostProgram(
  variables: Variables,
  {
    former,
    twins,
    inputs,
  }: {
    readonly former: Derivation;
    readonly twins: readonly Derivation[];
    /** All inputs of the repaired derivation. */
    readonly inputs: readonly Derivation[];
  },
): RenamedProgram | undefined {
  const [triple] = twins.flatMap(({ name }) => tripleBeforeName(name) ?? []);
  if (triple === undefined || tripleBeforeName(former.name) !== undefined) return undefined;
  const programs = programsOf(former);
  const isElsewhere = inputs.some(
    (input) =>
      tripleBeforeName(input.name) === undefined &&
      hostOrBuild(input) === input.system &&
      programsOf(input).some((program) => programs.includes(program)),
  );
  if (isElsewhere) return undefined;
  const names = programs.map((program) => program.replace(/[.+]/g, String.raw`\$&`)).join('|');
  const start = new RegExp(
    `(?:^|[;&|(\`]|\\b(?:if|then|elif|else|do|while|until)[ \\t])[ \\t]*(?:\\w+=\\S*[ \\t]+)*(${names})(?=[\\s;&|)\`"']|$)`,
    'm',
  );
  for (const { text } of phaseScripts(variables, true)) {
    const written = start.exec(text)?.[1];
    if (written !== undefined) return { written, called: `${triple}-${written}` };
  }
  return undefined;
}

function programsOf(derivation: Derivation): readonly string[] {
  const name = toolName(derivation);
  return compilers.get(name.replace(/-wrapper$/, '')) ?? toolOf(name).programs;
}
