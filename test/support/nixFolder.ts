import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A temporary folder with files; gone when it is disposed of. */
export class NixFolder implements Disposable {
  readonly path: string;

  constructor(files: Readonly<Record<string, string>>, name = 'nix lens ') {
    this.path = mkdtempSync(join(tmpdir(), name));
    for (const [file, text] of Object.entries(files)) this.write(file, text);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  write(name: string, text: string, mode = 0o644): string {
    const file = this.file(name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    return file;
  }

  remove(name: string): void {
    rmSync(this.file(name), { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
