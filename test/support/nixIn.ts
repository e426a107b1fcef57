import { lazyNixEnvironment } from '../../server/src/nix/nixEnvironment.ts';
import { testParser } from './parser.ts';

const environments = new Map<string, ReturnType<typeof lazyNixEnvironment>>();

/**
 * Nix in a folder, or on the PATH: found, and its settings read, once for all
 * tests of a file in the same environment, as the server does it.
 */
export function nixIn(directory: string | undefined): ReturnType<typeof lazyNixEnvironment> {
  const variables = Object.entries(process.env).filter(([name]) =>
    /^(?:PATH|HOME|XDG_.*|NIX_.*)$/.test(name),
  );
  const key = JSON.stringify([directory, variables]);
  const known =
    environments.get(key) ??
    lazyNixEnvironment({ parser: testParser, ...(directory !== undefined ? { directory } : {}) });
  environments.set(key, known);
  return known;
}
