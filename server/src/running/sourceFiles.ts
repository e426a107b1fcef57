import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import type { FileBuffer } from '../files/fileBuffer.ts';
import type { BuildFile } from '../shell/buildFiles.ts';

/** Files that tell what a build starts. */
const buildFile =
  /^(?:(?:GNU)?[Mm]akefile(?:\.am|\.in)?|.*\.mk|Kbuild|configure\.(?:ac|in)|CMakeLists\.txt|meson\.build)$/;
/** A source is looked at near its top, and for so many files. */
const maximumDepth = 2;
const maximumFiles = 40;
const maximumEntries = 2000;
/** No such file that people write is larger. */
const maximumBytes = 256 * 1024;
/** What is read of one source holds nobody for long. */
const maximumCharacters = 1024 * 1024;

/** The build files of a source that is a folder; none where it is something else. */
export function readBuildFiles(folder: string, files: FileBuffer): BuildFile[] {
  const found: BuildFile[] = [];
  let seen = 0;
  let characters = 0;
  const pending = [{ path: '', depth: 0 }];
  for (const { path, depth } of pending) {
    for (const entry of entriesOf(join(folder, path))) {
      if (++seen > maximumEntries || found.length >= maximumFiles || characters > maximumCharacters)
        return found;
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory() && depth < maximumDepth && !entry.name.startsWith('.'))
        pending.push({ path: name, depth: depth + 1 });
      else if (entry.isFile() && buildFile.test(entry.name)) {
        const text = textOf(join(folder, name), files);
        if (text === undefined) continue;
        characters += text.length;
        found.push({ name, text });
      }
    }
  }
  return found;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((one, other) =>
      one.name < other.name ? -1 : 1,
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

function textOf(path: string, files: FileBuffer): string | undefined {
  try {
    return files.readNow(path, maximumBytes).toString('utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
