import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { capture, findProgram, isRoot, run } from './process.mjs';

/** The Debian mirror that this machine's own apt sources name. */
function mirror() {
  const format = '$(REPO_URI)|$(CODENAME)|$(ORIGIN)';
  const rows = capture('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([, codename]) => codename && !codename.endsWith('-security'));
  const [uri] =
    rows.find(([, , origin]) => origin === 'Debian') ??
    rows.find(([uri = '']) => /\/debian\/?$/.test(uri)) ??
    [];
  if (uri === undefined) {
    throw new Error(
      "No Debian mirror among this machine's apt sources: run `apt-get update` as root, then this again.",
    );
  }
  return uri;
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
  const apt = join(home, 'apt');
  for (const directory of ['lists/partial', 'archives/partial', 'none']) {
    mkdirSync(join(apt, directory), { recursive: true });
  }
  mkdirSync(root);
  const keyring = ['pgp', 'gpg']
    .map((ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`)
    .find((file) => existsSync(file));
  const signedBy = keyring === undefined ? '' : ` [signed-by=${keyring}]`;
  writeFileSync(join(apt, 'sources.list'), `deb${signedBy} ${mirror()} ${suite} main\n`);
  writeFileSync(join(apt, 'status'), '');
  const options = Object.entries({
    'Dir::Etc::sourcelist': join(apt, 'sources.list'),
    'Dir::Etc::sourceparts': join(apt, 'none'),
    'Dir::Etc::preferencesparts': join(apt, 'none'),
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::State::status': join(apt, 'status'),
    'Dir::State::extended_states': join(apt, 'extended_states'),
    'Dir::Cache': apt,
    'Dir::Cache::archives': join(apt, 'archives'),
    'Acquire::Languages': 'none',
    'APT::Install-Recommends': 'false',
    // Own folders need neither root nor apt's own user, nor the system's locks.
    'APT::Sandbox::User': '',
    'Debug::NoLocking': 'true',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  run('apt-get', [...options, '-qq', 'update']);
  run('apt-get', [...options, '-qq', '--yes', '--download-only', 'install', ...packages]);
  for (const file of readdirSync(join(apt, 'archives')).filter((name) => name.endsWith('.deb'))) {
    run('dpkg', ['-x', join(apt, 'archives', file), root]);
  }
  rmSync(apt, { recursive: true });
  writeFileSync(marker, `${suite}: ${packages.join(' ')}\n`);
  return root;
}

/**
 * The unpacked C library: programs in such a folder are started as
 * `LOADER --library-path LIBRARIES PROGRAM`, whatever release this machine has.
 *
 * @param {string} root what {@link unpackDebian} returned
 * @returns {{ libraries: string, loader: string }} paths from there
 */
export function findLoader(root) {
  for (const triple of readdirSync(join(root, 'usr/lib')).filter((name) => name.includes('-linux-gnu'))) {
    const libraries = join('usr/lib', triple);
    const name = readdirSync(join(root, libraries)).find((file) => /^ld-linux.*\.so\.\d+$/.test(file));
    if (name !== undefined) return { libraries, loader: join(libraries, name) };
  }
  throw new Error(`${root} holds no C library.`);
}

/**
 * Sees to it that programs of this machine's own release are there; as root it
 * installs what is missing.
 *
 * @param {ReadonlyMap<string, () => boolean>} needs package → is it there?
 * @param {readonly string[]} [alsoUseful] what one who is not root does well to install with them
 * @throws {Error} that names the command to type, where we may not install
 */
export function installDebian(needs, alsoUseful = []) {
  const missing = [...needs].filter(([, isThere]) => !isThere()).map(([name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${[...missing, ...alsoUseful].join(' ')}`;
  if (!isRoot || findProgram('apt-get') === undefined) {
    throw new Error(`Please install what is missing, then try again:\n\n    sudo ${command}\n`);
  }
  run('apt-get', ['-qq', 'update']);
  run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...missing], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
