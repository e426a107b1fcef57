import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The licences (SPDX) under which a package may be bundled: all of them allow
 * that where their text is handed on, which the notices do.
 */
const allowed = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
]);

/** @typedef {{ name: string, version: string, license?: unknown }} Manifest */

/**
 * @param {Manifest} manifest of a package that is bundled
 * @returns {string} its licence
 * @throws {Error} where it may not be bundled, or nobody knows whether it may
 */
export function licenceOf({ name, version, license }) {
  if (typeof license === 'string' && allowed.has(license)) return license;
  throw new Error(
    `${name} ${version} is bundled, and its licence is ${JSON.stringify(license) ?? 'not told'}. ` +
      'Read it, and either do without the package or add the licence to scripts/support/licences.mjs.',
  );
}

/**
 * The repository's own notices, then name, version, licence and its text of
 * every package that a bundle holds.
 * @param {string} repository
 * @param {readonly string[]} inputs files that were bundled, relative to the repository
 * @returns {string}
 * @throws {Error} as {@link licenceOf}
 */
export function notices(repository, inputs) {
  const directories = new Set(
    inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []),
  );
  const line = '-'.repeat(80);
  const texts = [...directories].map((directory) => {
    /** @type {Manifest} */
    const manifest = JSON.parse(readFileSync(join(repository, directory, 'package.json'), 'utf8'));
    const licence = licenceOf(manifest);
    const file = readdirSync(join(repository, directory))
      .sort()
      .find((name) => /^licen[cs]e/i.test(name));
    const text =
      file === undefined ? '' : `\n${readFileSync(join(repository, directory, file), 'utf8').trim()}\n`;
    return `${line}\n${manifest.name} ${manifest.version} (${licence})\n${line}\n${text}`;
  });
  // A package that is installed twice in one version is listed once.
  const unique = [...new Set(texts)].sort();
  return [readFileSync(join(repository, 'THIRD-PARTY-NOTICES'), 'utf8'), ...unique].join('\n');
}
