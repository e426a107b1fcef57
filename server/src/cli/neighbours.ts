import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { CommandFailure } from './commandEnvironment.ts';

/** What the command reads from its own folder. */
const neighbours = ['web-tree-sitter.wasm', 'tree-sitter-nix.wasm', 'tree-sitter-bash.wasm'];

/**
 * Makes sure that the command was not copied without the files beside it.
 *
 * @param directory where the command lies
 * @throws CommandFailure which names what is missing
 */
export function requireNeighbours(directory: string): void {
  const missing = neighbours.filter((name) => !existsSync(join(directory, name)));
  if (missing.length === 0) return;
  throw new CommandFailure(
    `${missing.join(', ')}: not found in ${directory}, where the command lies.\n` +
      'It needs the files that it was built or installed with: copy the whole folder, or install it again.',
  );
}
