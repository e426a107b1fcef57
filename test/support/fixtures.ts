import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'fixtures');

/** Returns the text of a file below test/fixtures. */
export function fixture(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

/** Returns the texts of all files of a folder below test/fixtures, by their paths in it. */
export function fixtureTree(name: string): Readonly<Record<string, string>> {
  const paths = readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => statSync(join(folder, name, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, fixture(join(name, path))]));
}
