import { defineConfig } from 'oxfmt';

export default defineConfig({
  printWidth: 110,
  singleQuote: true,
  sortPackageJson: false,
  ignorePatterns: [
    'dist/',
    '.cache/',
    'test-results/',
    'package-lock.json',
    // Written by hand to be read as a table.
    'syntaxes/nix.tmLanguage.json',
  ],
});
