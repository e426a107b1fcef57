import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of files, to be opened in an editor. */
export interface TestWorkspace extends AsyncDisposable {
  readonly root: string;
  file(name: string): string;
  /** Names of all files, in order. */
  list(): Promise<string[]>;
}

export async function makeWorkspace(files: Readonly<Record<string, string>>): Promise<TestWorkspace> {
  const directory = await mkdtemp(join(tmpdir(), 'npl-server-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return {
    root: directory,
    file: (name) => join(directory, name),
    list: async () => (await readdir(directory, { recursive: true })).sort(),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A derivation that needs nothing, as Nix text. */
export function derivation(name: string, system: string, more = ''): string {
  return `derivation { name = "${name}"; system = ${system}; builder = "/bin/sh"; ${more} }`;
}

/** A file with one leak when it is evaluated as another system: `tool` is for the evaluating machine. */
export const leakyFile = `let
  tool = ${derivation('tool', 'builtins.currentSystem')};
  other = ${derivation('other', '"x86_64-linux"')};
in
{
  app = ${derivation('app', '"x86_64-linux"', 'inputs = [ tool other ];')};
}
`;
