import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseDerivation } from '../../server/src/derivation/aterm.ts';
import { LocalFiles } from '../../server/src/derivation/derivationFiles.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import type { ParsedDerivation } from '../../server/src/derivation/parsedDerivation.ts';
import { decodeDerivation } from '../../server/src/derivation/decodeDerivation.ts';
import { instantiateFile } from '../../server/src/nix/evaluate.ts';
import { findNix, type NixInstallation } from '../../server/src/nix/installation.ts';
import { showDerivation } from '../../server/src/nix/runShowDerivation.ts';
import { evaluationArguments } from '../support/evaluationArguments.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

/** Derivations of every kind that this machine's Nix makes without an experimental feature. */
const expression = `
let
  make = attributes: derivation ({ system = "x86_64-linux"; builder = "/bin/sh"; } // attributes);
  tool = make { name = "tool"; outputs = [ "out" "dev" ]; };
  source = make { name = "source"; outputHash = "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"; outputHashAlgo = "sha256"; outputHashMode = "recursive"; };
  text = builtins.toFile "builder.sh" "true";
  structured = make {
    name = "structured"; __structuredAttrs = true;
    nativeBuildInputs = [ tool.dev ]; stdenv = tool; preferLocalBuild = true; allowSubstitutes = false; requiredSystemFeatures = [ "kvm" "big-parallel" ];
  };
in make {
  name = "root";
  builder = "\${tool}/bin/sh";
  args = [ "-e" text "quote \\" backslash \\\\ newline \\n tab \\t \\r dollar $x" ];
  buildInputs = [ structured source tool.dev ];
  note = "ä → \\"preferLocalBuild\\",\\"0\\" \\\\";
  preferLocalBuild = true;
  allowSubstitutes = false;
  requiredSystemFeatures = [ "kvm" ];
  buildCommand = "mkdir -p $out/nix-support\\ncp x $out/nix-support/setup-hook\\n";
  configureFlags = [ "--build=x86_64-unknown-linux-gnu" "--host=aarch64-unknown-linux-gnu" ];
}`;

async function instantiate(directory: string): Promise<{ nix: NixInstallation; drvPath: string }> {
  using folder = new NixFolder({ 'default.nix': expression });
  const nix = await findNix({ directory });
  const evaluation = { file: folder.file('default.nix'), attribute: '', arguments: evaluationArguments() };
  const [drvPath] = await instantiateFile(nix, evaluation, { cwd: folder.path });
  assert.ok(drvPath !== undefined);
  return { nix, drvPath };
}

/** The order of paths and outputs says nothing, nor does an absent list. */
function normalized(derivation: ParsedDerivation): unknown {
  const byText = (one: unknown, other: unknown): number =>
    JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
  return {
    ...derivation,
    uses: [...derivation.uses].sort(byText),
    inputs: [...derivation.inputs].sort(byText),
    outputs: [...derivation.outputs].sort(byText),
  };
}

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, () => {
    test('prints as JSON what the .drv files say', async () => {
      const { nix, drvPath } = await instantiate(directory);
      const graph = await loadClosure(drvPath);
      assert.deepEqual(graph.gaps, []);
      const names = Array.from({ length: graph.size }, (_, id) => graph.derivation(id).name);
      assert.deepEqual(names.sort(), ['root', 'source', 'structured', 'tool']);
      const forbidden = Array.from({ length: graph.size }, (_, id) => graph.derivation(id))
        .filter(({ allowSubstitutes }) => !allowSubstitutes)
        .map(({ name }) => name);
      assert.deepEqual(forbidden.sort(), ['root', 'structured']);
      for (let id = 0; id < graph.size; id++) {
        const path = graph.derivation(id).drvPath;
        const shown = decodeDerivation(await showDerivation(nix, path), path);
        assert.deepEqual(normalized(shown), normalized(parseDerivation(readFileSync(path), path)), path);
      }
    });

    test('stands in where the store has no readable files', async () => {
      const { nix, drvPath } = await instantiate(directory);
      const elsewhere = new LocalFiles();
      const graph = await loadClosure(drvPath, {
        files: {
          readNow: (path) => elsewhere.readNow(`${path}.absent`),
          read: (path) => elsewhere.read(`${path}.absent`),
        },
        fallback: async (path) => decodeDerivation(await showDerivation(nix, path), path),
      });
      assert.deepEqual(graph.gaps, []);
      const roles = graph
        .inputs(graph.root)
        .map(({ input, roles }) => [graph.derivation(input).name, ...roles].join(' '));
      assert.deepEqual(roles.sort(), [
        'source buildInputs',
        'structured buildInputs',
        'tool builder buildInputs',
      ]);
    });
  });
}
