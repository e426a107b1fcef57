import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { serialize } from 'node:v8';

import { scanOnce, scanWorkspace } from '../../server/src/targets/search/scanWorkspace.ts';
import type { NixParser } from '../../server/src/syntax/parser.ts';
import { steppingParser } from '../support/parser.ts';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function folderOf(count: number, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'npl-scan-'));
  folders.push(folder);
  for (let n = 0; n < count; n++) await writeFile(join(folder, `${n}.nix`), text);
  return folder;
}

/** The real parser, which refuses to parse a file at once and tells of each that it begins. */
async function slicingParser(onFile: () => void = () => undefined): Promise<NixParser> {
  const real = await steppingParser();
  return {
    ...real,
    *parseInSteps(...given) {
      onFile();
      return yield* real.parseInSteps(...given);
    },
  };
}

const { signal } = new AbortController();

describe('the files of a workspace', () => {
  test('what is kept of them is their texts and no trees', async () => {
    const text = `[ ./other.nix ${'1 '.repeat(20_000)}]`;
    const folder = await folderOf(3, text);
    const { files, isWhole } = await scanWorkspace(folder, await slicingParser(), signal);
    assert.ok(isWhole);
    assert.equal(files.size, 3);
    for (const { names } of files.values()) assert.deepEqual([...names], [join(folder, 'other.nix')]);
    assert.ok(serialize(files).length < 4 * text.length);
  });

  test('a search that is not wanted any more ends before the next file', async () => {
    const ended = new AbortController();
    let begun = 0;
    const parser = await slicingParser(() => {
      begun += 1;
      if (begun === 2) ended.abort();
    });
    await assert.rejects(scanWorkspace(await folderOf(5, '{ }'), parser, ended.signal), {
      name: 'AbortError',
    });
    assert.equal(begun, 2);
  });

  test('of very many long ones a part is looked through, which is told', async () => {
    let begun = 0;
    const parser = await slicingParser(() => void (begun += 1));
    const folder = await folderOf(100, `# ${'x'.repeat(190_000)}\n{ }`);
    const { files, isWhole } = await scanWorkspace(folder, parser, signal);
    assert.equal(isWhole, false);
    assert.equal(begun, files.size);
    const characters = [...files.values()].reduce((sum, { text }) => sum + text.length, 0);
    assert.ok(characters > 8 * 1024 * 1024 - 200_000 && characters < 8 * 1024 * 1024 + 200_000);
  });

  test('searches at the same time share one reading of each file', async () => {
    let begun = 0;
    const scan = scanOnce(await slicingParser(() => void (begun += 1)), signal);
    const folder = await folderOf(4, '{ }');
    const [one, other] = await Promise.all([scan(folder), scan(folder)]);
    assert.equal(one, other);
    assert.equal(await scan(folder), one);
    assert.equal(begun, 4);
  });
});
