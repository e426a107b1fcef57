#!/usr/bin/env node
// Makes Nix available on a bare Debian machine.
//
//   node scripts/setup-nix.mjs         Nix itself, by apt-get, where it is absent
//   node scripts/setup-nix.mjs --all   also the newer versions that the tests compare,
//                                      unpacked below .cache/nix, the system untouched
//
// Needs no package, so that it can run before `npm install`. Never calls sudo.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Debian releases that carry the Nix versions to be compared: 2.26 and the newest. */
const suites = ['trixie', 'sid'];
const cache = resolve(dirname(fileURLToPath(import.meta.url)), '../.cache/nix');
const keyrings = ['pgp', 'gpg'].map((ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`);

class SetupError extends Error {}

function say(text) {
  console.log(`setup-nix: ${text}`);
}

/** Runs a program to its end and returns what it printed; throws with its last words where it fails. */
function run(program, args, options = {}) {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (error) throw new SetupError(`${program} cannot be started: ${error.message}`);
  if (status !== 0) {
    throw new SetupError(
      `${program} ${args.slice(-3).join(' ')} failed (${status}):\n${stderr.trim().slice(-2000)}`,
    );
  }
  return stdout;
}

/** The version that a Nix program reports, or undefined where it does not run. */
function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /(\d+\.\d+\S*)\s*$/.exec(stdout.trim())?.[1] : undefined;
}

function installSystemNix() {
  const present = versionOf('nix-instantiate');
  if (present) return say(`Nix ${present} is installed`);
  if (!existsSync('/usr/bin/apt-get')) {
    throw new SetupError(
      'Nix is absent and this is no Debian: install it as https://nixos.org/download describes.',
    );
  }
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      'Nix is absent, and only root may install it. Type:\n\n  sudo apt-get install nix-bin nix-setup-systemd\n',
    );
  }
  const environment = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  say('installing nix-bin with apt-get …');
  run('apt-get', ['update'], environment);
  run('apt-get', ['install', '--yes', '--no-install-recommends', 'nix-bin'], environment);
  say(`Nix ${versionOf('nix-instantiate')} is installed`);
}

/** The Debian mirror that this machine's own apt sources name. */
function debianMirror() {
  const format = '$(REPO_URI)|$(CODENAME)|$(ORIGIN)';
  const lines = run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']).split('\n');
  const rows = lines
    .map((line) => line.split('|'))
    .filter(([, codename]) => codename && !/-security/.test(codename));
  const row =
    rows.find(([, , origin]) => origin === 'Debian') ?? rows.find(([uri]) => /\/debian\/?$/.test(uri));
  if (!row)
    throw new SetupError(
      "No Debian mirror among this machine's apt sources: run `apt-get update` as root, then this again.",
    );
  return row[0];
}

/** Unpacks a suite's nix-bin with everything that it needs, C library included, into one folder. */
function unpackSuite(suite) {
  const link = join(cache, suite);
  if (existsSync(link)) {
    writeWrappers(join(link, 'root'), join(link, 'bin'));
    const present = versionOf(join(link, 'bin/nix'));
    if (present) return say(`Nix ${present} (${suite}) is unpacked`);
  }

  const work = join(cache, `.unpacking-${suite}-${process.pid}`);
  const [apt, root] = [join(work, 'apt'), join(work, 'root')];
  try {
    for (const folder of ['lists/partial', 'archives/partial', 'none'])
      mkdirSync(join(apt, folder), { recursive: true });
    mkdirSync(root);
    const keyring = keyrings.find((file) => existsSync(file));
    const signedBy = keyring ? ` [signed-by=${keyring}]` : '';
    writeFileSync(join(apt, 'sources.list'), `deb${signedBy} ${debianMirror()} ${suite} main\n`);
    writeFileSync(join(apt, 'status'), '');
    const options = {
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
    };
    const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    say(`downloading nix-bin of Debian ${suite} …`);
    run('apt-get', [...flags, 'update']);
    run('apt-get', [...flags, '--yes', '--download-only', 'install', 'nix-bin']);
    for (const name of readdirSync(join(apt, 'archives'))) {
      if (name.endsWith('.deb')) run('dpkg', ['-x', join(apt, 'archives', name), root]);
    }
    writeWrappers(root, join(work, 'bin'));

    const version = versionOf(join(work, 'bin/nix'));
    if (!version) throw new SetupError(`The unpacked Nix of Debian ${suite} does not start.`);
    rmSync(apt, { recursive: true });
    rmSync(join(cache, version), { recursive: true, force: true });
    renameSync(work, join(cache, version));
    rmSync(link, { force: true });
    symlinkSync(version, link);
    say(`Nix ${version} (${suite}) is unpacked`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Start scripts that use the folder's own dynamic linker and libraries. */
function writeWrappers(root, bin) {
  const { libraries, linker } = findLinker(root);
  mkdirSync(bin, { recursive: true });
  for (const name of ['nix', 'nix-instantiate', 'nix-store']) {
    const script = [
      '#!/bin/sh',
      'root="${0%/*}/../root"',
      // Nix starts itself to ask for remote builds, and would find the dynamic linker instead.
      'export NIX_BIN_DIR="${0%/*}"',
      `libraries="$root/${libraries}"`,
      `exec "$libraries/${linker}" --library-path "$libraries" --argv0 ${name} "$root/usr/bin/nix" "$@"`,
      '',
    ];
    const file = join(bin, name);
    writeFileSync(`${file}.new`, script.join('\n'), { mode: 0o755 });
    renameSync(`${file}.new`, file);
  }
}

/** The folder of the unpacked C library below `root`, and the dynamic linker's name in it. */
function findLinker(root) {
  for (const triple of readdirSync(join(root, 'usr/lib'))) {
    if (!triple.includes('-linux-gnu')) continue;
    const linker = readdirSync(join(root, 'usr/lib', triple)).find((name) =>
      /^ld-linux.*\.so\.\d+$/.test(name),
    );
    if (linker) return { libraries: `usr/lib/${triple}`, linker };
  }
  throw new SetupError('The unpacked C library has no dynamic linker.');
}

try {
  installSystemNix();
  if (process.argv.includes('--all')) {
    mkdirSync(cache, { recursive: true });
    for (const suite of suites) unpackSuite(suite);
    for (const suite of suites) say(`${join(cache, suite)} → ${readlinkSync(join(cache, suite))}`);
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`setup-nix: ${error.message}`);
  process.exitCode = 1;
}
