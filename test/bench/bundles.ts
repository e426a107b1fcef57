import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { printRow } from '../support/benchmark.ts';

const product = join(import.meta.dirname, '../../dist');

for (const file of ['client.cjs', 'server.cjs', 'cli.js', 'tree-sitter-nix.wasm', 'web-tree-sitter.wasm']) {
  const { size } = await stat(join(product, file));
  printRow({ subject: `size of dist/${file}`, measured: `${Math.round(size / 1024)} KB` });
}
