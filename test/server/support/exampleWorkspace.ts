import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const example = join(import.meta.dirname, '../../../example');

/** A copy of the example, to be changed at will. */
export interface ExampleWorkspace extends AsyncDisposable {
  readonly root: string;
  readonly release: string;
}

export async function copyExample(): Promise<ExampleWorkspace> {
  const directory = await mkdtemp(join(tmpdir(), 'npl-example-'));
  const root = join(directory, 'example');
  await cp(example, root, { recursive: true });
  return {
    root,
    release: join(root, 'release.nix'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** The settings of the example's own `.vscode/settings.json`. */
export const exampleSettings = {
  targets: [
    { file: 'release.nix', attribute: 'build.x86_64-linux' },
    { file: 'release.nix', attribute: 'build.aarch64-linux' },
    { file: 'server.nix', attribute: '' },
  ],
  evaluateAs: 'x86_64-darwin',
};
