import { fileURLToPath } from 'node:url';

import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The server's folders, from the bottom up: each may import from itself and from
 * those before it. `test/unit/architecture.test.ts` shows that the rule bites.
 */
const layers = [
  'model',
  'files',
  'binary',
  'syntax',
  'shell',
  'nix',
  'derivation',
  'check',
  'realised',
  'attribution',
  'permissions',
  'targets',
  'probing',
  'running',
  'asking',
  'fixes',
  'output',
  'storage',
  'snapshot',
  'session',
  'features',
  'lsp',
];

/** Folders that are functions of their arguments: no files, no processes, no Nix. */
const pure = new Set(['model', 'binary', 'syntax', 'shell', 'check', 'attribution', 'output', 'features']);

/** A ban on whole folders of the server, seen from any depth below `server/src`. */
const folders = (names, message) => ({ regex: `^\\.{1,2}/(?:\\.\\./)*(?:${names.join('|')})/`, message });
const packages = (names, message) => ({ regex: `^(?:node:)?(?:${names.join('|')})(?:/|$)`, message });

const vscode = packages(['vscode'], 'Only the client knows VS Code.');
const processes = packages(['child_process', 'execa'], 'Only server/src/nix starts processes.');
const files = packages(['fs'], 'This folder is pure: it reads no files.');
/** Of node:fs, what opens a file to read: it would wait for a FIFO, and read a device for ever. */
const reading = {
  regex: '^(?:node:)?fs(?:/promises)?$',
  importNamePattern: '^(?:readFile|open(?:Sync|AsBlob)?$|createReadStream|ReadStream|promises$|default$)',
  message: 'Files are read by server/src/files, which waits for no FIFO and knows limits.',
};
const connection = {
  ...packages(
    ['vscode-languageserver', 'vscode-languageserver-protocol'],
    'Only lsp/ and main.ts know a connection; its types are free, values are in vscode-languageserver-types.',
  ),
  allowTypeImports: true,
};
const protocol = {
  regex: '/protocol\\.ts$',
  message: 'Only snapshot, session, features and lsp speak the protocol.',
};

/**
 * @param {Record<string, unknown>[]} patterns
 * @returns {import('eslint').Linter.RulesRecord}
 */
const ban = (...patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns }] });

const directions = layers.map((layer, index) => {
  const above = layers.slice(index + 1);
  return {
    name: `direction/${layer}`,
    files: [`server/src/${layer}/**/*.ts`],
    rules: ban(
      vscode,
      { regex: '/(?:main|cli)\\.ts$', message: 'Entries are imported by nobody.' },
      ...(above.length > 0
        ? [
            folders(
              above,
              `${layer}/ stands below this folder: dependencies point from ${above.at(-1)} to model.`,
            ),
          ]
        : []),
      ...(layer === 'nix' ? [] : [processes]),
      ...(layer === 'files' ? [] : [reading]),
      ...(pure.has(layer) ? [files, folders(['nix'], 'This folder is pure: it knows no Nix process.')] : []),
      ...(layer === 'lsp' ? [] : [connection]),
      ...(index < layers.indexOf('snapshot') ? [protocol] : []),
    ),
  };
});

export default defineConfig(
  globalIgnores(['dist/', '.cache/', 'syntaxes/', 'example/', 'test-results/']),
  {
    name: 'typescript',
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: fileURLToPath(new URL('.', import.meta.url)) },
    },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    name: 'bundled',
    files: ['server/src/**/*.ts', 'client/src/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier[imported.name='z']",
          message: "`import * as z from 'zod'`: only so can the bundler leave out what is not used.",
        },
      ],
    },
  },
  {
    name: 'tests',
    files: ['test/**/*.ts'],
    rules: {
      // node:test gathers these by itself; nobody awaits them.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'suite', 'test'] },
          ],
        },
      ],
    },
  },
  ...directions,
  {
    name: 'direction/protocol',
    files: ['server/src/protocol.ts'],
    rules: ban({ regex: '.', message: 'The protocol is plain data: it imports nothing.' }),
  },
  { name: 'direction/main', files: ['server/src/main.ts'], rules: ban(vscode, processes, reading) },
  {
    name: 'direction/cli',
    files: ['server/src/cli.ts', 'server/src/cli/**/*.ts'],
    rules: ban(
      vscode,
      processes,
      reading,
      folders(['lsp', 'features', 'session'], 'The command knows no LSP.'),
      packages(['vscode-languageserver[^/]*'], 'The command knows no LSP.'),
      protocol,
    ),
  },
  {
    name: 'direction/client',
    files: ['client/src/**/*.ts'],
    rules: ban(
      processes,
      files,
      {
        regex: '/server/(?!src/protocol\\.ts$)',
        message: 'The client knows only protocol.ts of the server.',
      },
      packages(['vscode-languageserver[^/]*'], 'The client speaks through vscode-languageclient.'),
    ),
  },
);
