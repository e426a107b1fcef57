import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { capture, findProgram, isRoot, run } from './process.mjs';

/** The Debian archive of this machine's own apt sources, or Debian's usual one. */
function archive() {
  const targets = capture('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']);
  return targets.split('\n').find((uri) => /\/debian\/?$/.test(uri)) ?? 'http://deb.debian.org/debian/';
}

/**
 * Unpacks packages of another Debian release, with all that they depend on, into
 * a folder. The system stays as it is: lists, cache and status are the folder's
 * own, and nothing is configured, so this works without root.
 *
 * @param {string} suite e.g. `trixie` or `sid`
 * @param {readonly string[]} packages
 * @param {string} folder made anew where it is incomplete; a complete one is kept
 * @returns {string} the folder that stands for `/`
 */
export function unpackDebian(suite, packages, folder) {
  const home = resolve(folder);
  const root = join(home, 'root');
  const marker = join(home, 'complete');
  if (existsSync(marker)) return root;
  if (findProgram('apt-get') === undefined) {
    throw new Error(
      `${packages.join(', ')} can be unpacked on Debian and its relatives only: no apt-get on the PATH.`,
    );
  }

  rmSync(home, { recursive: true, force: true });
  const lists = join(home, 'lists');
  const cache = join(home, 'cache');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  mkdirSync(join(cache, 'partial'), { recursive: true });
  mkdirSync(root);
  const sources = join(home, 'sources.list');
  const status = join(home, 'status');
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const signed = existsSync(keyring) ? ` [signed-by=${keyring}]` : '';
  writeFileSync(sources, `deb${signed} ${archive()} ${suite} main\n`);
  writeFileSync(status, '');

  const options = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::Lists=${lists}`,
    `Dir::State::status=${status}`,
    `Dir::Cache::archives=${cache}`,
    'APT::Install-Recommends=false',
    // Root's downloads would otherwise have to be readable to the user _apt.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  run('apt-get', [...options, '-qq', 'update']);
  run('apt-get', [...options, '-qq', '-y', '--download-only', 'install', ...packages]);
  for (const file of readdirSync(cache).filter((name) => name.endsWith('.deb'))) {
    run('dpkg', ['-x', join(cache, file), root]);
  }
  rmSync(cache, { recursive: true });
  rmSync(lists, { recursive: true });
  writeFileSync(marker, `${suite}: ${packages.join(' ')}\n`);
  return root;
}

/**
 * How to start a program that {@link unpackDebian} unpacked: by its own loader
 * and libraries, whatever release this machine has.
 *
 * @param {string} root what {@link unpackDebian} returned
 * @param {string} program path from there, e.g. `usr/bin/tree-sitter`
 * @param {string} [name] the name that it sees itself started as
 * @returns {string[]} words that go before the program's arguments
 */
export function unpackedCommand(root, program, name) {
  const machine = readdirSync(join(root, 'usr/lib')).find((entry) => entry.endsWith('-linux-gnu'));
  if (machine === undefined) throw new Error(`${root} holds no usr/lib/*-linux-gnu`);
  const libraries = join(root, 'usr/lib', machine);
  const loader = readdirSync(libraries).find((entry) => /^ld-linux.*\.so/.test(entry));
  if (loader === undefined) throw new Error(`${libraries} holds no dynamic loader`);
  return [
    join(libraries, loader),
    '--library-path',
    libraries,
    ...(name === undefined ? [] : ['--argv0', name]),
    join(root, program),
  ];
}

/**
 * Sees to it that programs of this machine's own release are there; as root it
 * installs what is missing.
 *
 * @param {ReadonlyMap<string, () => boolean>} needs package → is it there?
 * @throws {Error} that names the command to type, where we may not install
 */
export function installDebian(needs) {
  const missing = [...needs].filter(([, isThere]) => !isThere()).map(([name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!isRoot || findProgram('apt-get') === undefined) {
    throw new Error(`Please install what is missing, then try again:\n\n    sudo ${command}\n`);
  }
  run('apt-get', ['-qq', 'update']);
  run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...missing], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
