import { gunzipSync, inflateRawSync } from 'node:zlib';

/** A file of an archive. */
export interface Packed {
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** The files of a ZIP archive, by its central directory (APPNOTE, 4.3.12). */
export function readZip(bytes: Buffer): Packed[] {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end === -1) throw new Error('this is no ZIP archive');
  const count = bytes.readUInt16LE(end + 10);
  const files: Packed[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    const name = bytes.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    const mode = (bytes.readUInt32LE(at + 38) >>> 16) & 0o777;
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + size);
    files.push({ name, mode, content: method === 0 ? packed : inflateRawSync(packed) });
    at += 46 + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return files;
}

/** The files of a compressed tar archive of short names, as npm makes it. */
export function readTar(bytes: Buffer): Packed[] {
  const tar = gunzipSync(bytes);
  const files: Packed[] = [];
  for (let at = 0; tar[at] !== 0;) {
    const text = (from: number, length: number): string =>
      (tar.toString('utf8', at + from, at + from + length).split('\0')[0] ?? '').trim();
    const size = Number.parseInt(text(124, 12), 8);
    const content = tar.subarray(at + 512, at + 512 + size);
    files.push({ name: text(0, 100), mode: Number.parseInt(text(100, 8), 8) & 0o777, content });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
