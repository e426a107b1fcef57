import type { ScriptUse } from '../model/judgement.ts';

/** A build file of a source: its name within the source, and its text. */
export interface BuildFile {
  readonly name: string;
  readonly text: string;
}

/** Targets of make that a build does not ask for. */
const otherTargets =
  /^\.?(?:(?:\w+[-_])?(?:tests?|(?:install)?check|bench|lint|format|coverage|(?:dist)?clean|dist|release|deploy|publish|docs?|html|pdf)(?:[-_]\w+)*|tags|run|fmt)$/i;

/**
 * Finds where build files start one of these programs: a recipe of make, by its
 * name or by a variable that is called like it (`$(XSLTPROC)`), `find_program` of
 * meson and CMake, and CMake's `protobuf_generate`. What only tests, documentation
 * and releases need is left out, for a build does not ask for it.
 */
export function findStartedInFiles(files: readonly BuildFile[], programs: ReadonlySet<string>): ScriptUse[] {
  return files.flatMap((file) => {
    const finder = /(?:^|\/)(?:meson\.build|CMakeLists\.txt)$/.test(file.name)
      ? startedByFinding
      : startedByRecipes;
    return finder(file, programs);
  });
}

function startedByFinding({ name, text }: BuildFile, programs: ReadonlySet<string>): ScriptUse[] {
  return usesOf(name, text, (line) => {
    const [, arguments_ = ''] = /\bfind_program\s*\(([^)]*)/i.exec(line) ?? [];
    const words = arguments_.split(/[\s,'"]+/);
    if (words.some((word) => programs.has(word))) return true;
    return programs.has('protoc') && /^\s*protobuf_generate(?:_cpp|_python)?\s*\(/i.test(line);
  });
}

function startedByRecipes({ name, text }: BuildFile, programs: ReadonlySet<string>): ScriptUse[] {
  if (/(?:^|\/)configure\.(?:ac|in)$/.test(name)) return [];
  let isAsked = true;
  return usesOf(name, text, (line) => {
    if (!line.startsWith('\t')) {
      const [, target] = /^([\w./%$(){}+-]+)(?:\s[^:=]*)?:(?!=)/.exec(line) ?? [];
      if (target !== undefined) isAsked = !otherTargets.test(target);
      return false;
    }
    return isAsked && commandsOf(line).some((program) => programs.has(program));
  });
}

/** The programs that a line of a recipe starts. */
function commandsOf(line: string): string[] {
  return line.split(/&&|\|\|?|;/).flatMap((command) => {
    const first =
      command
        .trim()
        .replace(/^[@+-]+\s*/, '')
        .split(/\s+/)[0] ?? '';
    const [, variable] = /^\$[({](\w+)[)}]$/.exec(first) ?? [];
    return variable === undefined
      ? [first]
      : [variable.toLowerCase(), variable.toLowerCase().replaceAll('_', '-')];
  });
}

/**
 * Finds where build files need a compiler for the build platform: autoconf's
 * macro for one (autoconf archive, `ax_prog_cc_for_build`), programs of meson that
 * are `native`, host programs of Kbuild, and recipes with `$(HOSTCC)` and its kin.
 */
export function findCompilersInFiles(files: readonly BuildFile[]): ScriptUse[] {
  return files.flatMap(({ name, text }) => {
    if (/(?:^|\/)configure\.(?:ac|in)$/.test(name))
      return usesOf(name, text, (line) => /^\s*AX_(?:PROG_)?C(?:C|XX)_FOR_BUILD\b/.test(line));
    if (name.endsWith('meson.build'))
      return usesOf(name, text, (line) =>
        /\b(?:executable|static_library|library|add_languages)\s*\(.*\bnative\s*:\s*true/.test(line),
      );
    if (name.endsWith('CMakeLists.txt')) return [];
    // Where make is told that the two are one compiler, this one is asked for nothing.
    const isSame = /^(?:override\s+)?(?:HOST_?CC|BUILD_?CC|CC_FOR_BUILD)\s*[:?]?=\s*\$[({]CC[)}]/m.test(text);
    return usesOf(
      name,
      text,
      (line) =>
        /^hostprogs(?:-y|-always-y)?\s*[:+]?=\s*\S/.test(line) ||
        (!isSame && /^\t.*\$[({](?:HOST_?CC|BUILD_?CC|CC_FOR_BUILD)[)}]/.test(line)),
    );
  });
}

function usesOf(file: string, text: string, isUse: (line: string) => boolean): ScriptUse[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      isUse(line) ? [{ variable: `src/${file}`, line: index + 1, text: line.trim().slice(0, 200) }] : [],
    );
}
