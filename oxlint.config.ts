import { defineConfig, type OxlintOverride } from 'oxlint';

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

/** What may not be imported. Regular expressions are those of Rust: they cannot look ahead. */
interface Ban {
  readonly regex?: string;
  readonly group?: string[];
  readonly importNamePattern?: string;
  readonly allowTypeImports?: boolean;
  readonly message: string;
}

/** A ban on whole folders of the server, seen from any depth below `server/src`. */
const folders = (names: readonly string[], message: string): Ban => ({
  regex: `^\\.{1,2}/(?:\\.\\./)*(?:${names.join('|')})/`,
  message,
});
const packages = (names: readonly string[], message: string): Ban => ({
  regex: `^(?:node:)?(?:${names.join('|')})(?:/|$)`,
  message,
});

const vscode = packages(['vscode'], 'Only the client knows VS Code.');
const processes = packages(['child_process', 'execa'], 'Only server/src/nix starts processes.');
const files = packages(['fs'], 'This folder is pure: it reads no files.');
/** Of node:fs, what opens a file to read: it would wait for a FIFO, and read a device for ever. */
const reading: Ban = {
  regex: '^(?:node:)?fs(?:/promises)?$',
  importNamePattern: '^(?:readFile|open(?:Sync|AsBlob)?$|createReadStream|ReadStream|promises$|default$)',
  message: 'Files are read by server/src/files, which waits for no FIFO and knows limits.',
};
const connection: Ban = {
  ...packages(
    ['vscode-languageserver', 'vscode-languageserver-protocol'],
    'Only lsp/ and main.ts know a connection; its types are free, values are in vscode-languageserver-types.',
  ),
  allowTypeImports: true,
};
const protocol: Ban = {
  regex: '/protocol\\.ts$',
  message: 'Only snapshot, session, features and lsp speak the protocol.',
};

const ban = (...patterns: Ban[]): NonNullable<OxlintOverride['rules']> => ({
  'no-restricted-imports': ['error', { patterns }],
});

const directions = layers.map((layer, index) => {
  const above = layers.slice(index + 1);
  return {
    files: [`server/src/${layer}/**/*.ts`],
    rules: ban(
      vscode,
      { regex: '/(?:main|cli)\\.ts$', message: 'Entries are imported by nobody.' },
      ...(above.length > 0
        ? [
            folders(
              above,
              `${layer}/ stands below this folder: dependencies point from ${above.at(-1) ?? ''} to model.`,
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

export default defineConfig({
  plugins: ['eslint', 'typescript', 'import'],
  // What holds is listed below, rule by rule: a new version of the linter brings no new ones.
  categories: { correctness: 'off' },
  ignorePatterns: ['dist/', '.cache/', 'syntaxes/', 'example/', 'test-results/'],
  options: { typeAware: true, reportUnusedDisableDirectives: 'error', denyWarnings: true },
  rules: {
    // No file may reach itself by its imports, those of types included: what two files need belongs below both.
    'import/no-cycle': ['error', { ignoreTypes: false }],
  },
  overrides: [
    {
      files: ['**/*.ts'],
      rules: {
        eqeqeq: 'error',
        'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
        'no-array-constructor': 'error',
        'no-empty-function': 'error',
        'no-unused-expressions': 'error',
        'no-unused-vars': [
          'error',
          { varsIgnorePattern: '^$', argsIgnorePattern: '^$', caughtErrorsIgnorePattern: '^$' },
        ],
        'no-useless-constructor': 'error',
        'no-var': 'error',
        'prefer-const': 'error',
        'prefer-rest-params': 'error',
        'prefer-spread': 'error',
        'typescript/adjacent-overload-signatures': 'error',
        'typescript/array-type': 'error',
        'typescript/await-thenable': 'error',
        'typescript/ban-ts-comment': ['error', { minimumDescriptionLength: 10 }],
        'typescript/ban-tslint-comment': 'error',
        'typescript/class-literal-property-style': 'error',
        'typescript/consistent-generic-constructors': 'error',
        'typescript/consistent-indexed-object-style': 'error',
        'typescript/consistent-type-assertions': 'error',
        'typescript/consistent-type-definitions': 'error',
        'typescript/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
        'typescript/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
        'typescript/no-array-delete': 'error',
        'typescript/no-base-to-string': 'error',
        'typescript/no-confusing-non-null-assertion': 'error',
        'typescript/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
        'typescript/no-deprecated': 'error',
        'typescript/no-duplicate-enum-values': 'error',
        'typescript/no-duplicate-type-constituents': 'error',
        'typescript/no-dynamic-delete': 'error',
        'typescript/no-empty-object-type': 'error',
        'typescript/no-explicit-any': 'error',
        'typescript/no-extra-non-null-assertion': 'error',
        'typescript/no-extraneous-class': 'error',
        'typescript/no-floating-promises': 'error',
        'typescript/no-for-in-array': 'error',
        'typescript/no-generated-empty-object-type': 'error',
        'typescript/no-implied-eval': 'error',
        'typescript/no-import-type-side-effects': 'error',
        'typescript/no-inferrable-types': 'error',
        'typescript/no-invalid-void-type': 'error',
        'typescript/no-meaningless-void-operator': 'error',
        'typescript/no-misused-new': 'error',
        'typescript/no-misused-promises': 'error',
        'typescript/no-misused-spread': 'error',
        'typescript/no-mixed-enums': 'error',
        'typescript/no-namespace': 'error',
        'typescript/no-non-null-asserted-nullish-coalescing': 'error',
        'typescript/no-non-null-asserted-optional-chain': 'error',
        'typescript/no-non-null-assertion': 'error',
        'typescript/no-redundant-type-constituents': 'error',
        'typescript/no-require-imports': 'error',
        'typescript/no-this-alias': 'error',
        'typescript/no-unnecessary-boolean-literal-compare': 'error',
        'typescript/no-unnecessary-condition': 'error',
        'typescript/no-unnecessary-template-expression': 'error',
        'typescript/no-unnecessary-type-arguments': 'error',
        'typescript/no-unnecessary-type-assertion': 'error',
        'typescript/no-unnecessary-type-constraint': 'error',
        'typescript/no-unnecessary-type-conversion': 'error',
        'typescript/no-unnecessary-type-parameters': 'error',
        'typescript/no-unsafe-argument': 'error',
        'typescript/no-unsafe-assignment': 'error',
        'typescript/no-unsafe-call': 'error',
        'typescript/no-unsafe-declaration-merging': 'error',
        'typescript/no-unsafe-enum-assignment': 'error',
        'typescript/no-unsafe-enum-comparison': 'error',
        'typescript/no-unsafe-function-type': 'error',
        'typescript/no-unsafe-member-access': 'error',
        'typescript/no-unsafe-return': 'error',
        'typescript/no-unsafe-type-assertion': 'error',
        'typescript/no-unsafe-unary-minus': 'error',
        'typescript/no-useless-default-assignment': 'error',
        'typescript/no-wrapper-object-types': 'error',
        'typescript/non-nullable-type-assertion-style': 'error',
        'typescript/only-throw-error': 'error',
        'typescript/prefer-as-const': 'error',
        'typescript/prefer-find': 'error',
        'typescript/prefer-for-of': 'error',
        'typescript/prefer-function-type': 'error',
        'typescript/prefer-includes': 'error',
        'typescript/prefer-literal-enum-member': 'error',
        'typescript/prefer-namespace-keyword': 'error',
        'typescript/prefer-nullish-coalescing': 'error',
        'typescript/prefer-optional-chain': 'error',
        'typescript/prefer-promise-reject-errors': 'error',
        'typescript/prefer-reduce-type-parameter': 'error',
        'typescript/prefer-regexp-exec': 'error',
        'typescript/prefer-return-this-type': 'error',
        'typescript/prefer-string-starts-ends-with': 'error',
        'typescript/related-getter-setter-pairs': 'error',
        'typescript/require-await': 'error',
        'typescript/restrict-plus-operands': [
          'error',
          {
            allowAny: false,
            allowBoolean: false,
            allowNullish: false,
            allowNumberAndString: false,
            allowRegExp: false,
          },
        ],
        'typescript/restrict-template-expressions': ['error', { allowNumber: true }],
        'typescript/return-await': ['error', 'error-handling-correctness-only'],
        'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
        'typescript/triple-slash-reference': 'error',
        'typescript/unbound-method': 'error',
        'typescript/unified-signatures': 'error',
        'typescript/use-unknown-in-catch-callback-variable': 'error',
      },
    },
    {
      files: ['test/**/*.ts'],
      rules: {
        // node:test gathers these by itself; nobody awaits them.
        'typescript/no-floating-promises': [
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
      files: ['server/src/protocol.ts'],
      rules: ban({ regex: '.', message: 'The protocol is plain data: it imports nothing.' }),
    },
    { files: ['server/src/main.ts'], rules: ban(vscode, processes, reading) },
    {
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
      files: ['client/src/**/*.ts'],
      rules: ban(
        processes,
        files,
        {
          group: ['**/server/**', '!**/server/src/protocol.ts'],
          message: 'The client knows only protocol.ts of the server.',
        },
        packages(['vscode-languageserver[^/]*'], 'The client speaks through vscode-languageclient.'),
      ),
    },
  ],
});
