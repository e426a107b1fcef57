/** Sources of compilers by the endings of their names; a program keeps the texts in them. */
const compiledEnding =
  /\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|m|mm|rs|go|hs|ml|java|kt|scala|cs|vala|nim|zig|d|pas|swift|cr)$/;
/** What a build compiles to run it itself, tests, and fragments of make, which are called like headers. */
const otherFile =
  /(?:^|\/)(?:tests?|testing|testsuite|spec|examples?|bench\w*|scripts|build(?:-aux|tools)?|hack|gen|generators?|xtask)\/|(?:^|\/)(?:build|setup|configure|magefile|myocamlbuild|make\w*|mk\w*|gen\w*)\.\w+$|_test\.\w+$/i;

/** Is a file of the build folder compiled into what is installed? */
export function isCompiledSource(file: string): boolean {
  return !/^[$/-]|\s/.test(file) && compiledEnding.test(file) && !otherFile.test(file);
}

/** The texts that the `s` commands of a script for sed write (`sed(1)`): what they look for is left out. */
export function replacementsOfEdit(script: string): string[] {
  const commands = script.matchAll(
    /(?:^|[;{}\n\s\d$/!])s([^\w\s\\])((?:\\[^]|(?!\1)[^\\\n])*)\1((?:\\[^]|(?!\1)[^\\])*)\1/g,
  );
  return [...commands].map(([, , , replacement = '']) => replacement);
}
