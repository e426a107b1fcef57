import { basename, join } from 'node:path';
import { nixString } from './nixString.ts';
import type { Variable } from '../syntax/ast.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';

function isSafePath(path: string): boolean {
  return /^\/[a-zA-Z0-9._+/-]*[a-zA-Z0-9._+-]$/.test(path);
}

/** An absolute path as a Nix expression, whatever characters it has. */
export function pathExpression(path: string): string {
  return isSafePath(path) && !path.includes('//') ? `(${path})` : `(/. + ${nixString(path)})`;
}

/** `./a/${b}` as an expression that can stand in another directory; `rendered` is the literal's text. */
export function interpolatedPath(directory: string, rendered: string): string {
  return isSafePath(directory)
    ? `(${directory}/${rendered})`
    : `(/. + ${nixString(`${directory}/`)} + "${rendered}")`;
}

/** `__curPos` is data: the place in the original (Nix source: `ExprPos`; columns count bytes from one). */
export function ownPosition(at: Variable, source: SourceFile, directory: string): string {
  const file = join(directory, basename(source.file));
  const before = source.text.slice(0, at.start).split('\n');
  const column = Buffer.byteLength(before.at(-1) ?? '') + 1;
  return `{ file = ${nixString(file)}; line = ${before.length}; column = ${column}; }`;
}
