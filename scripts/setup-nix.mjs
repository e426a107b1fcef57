#!/usr/bin/env node
// Makes Nix available on a bare Debian machine.
//
//   node scripts/setup-nix.mjs         Nix itself, by apt-get, where it is absent
//   node scripts/setup-nix.mjs --all   also the newer versions that the tests compare,
//                                      unpacked below .cache/nix, the system untouched
//
// Needs no package, so that it can run before `npm install`. Never calls sudo.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { findLoader, installDebian, unpackDebian } from './support/debian.mjs';
import { findProgram } from './support/process.mjs';

/** Debian releases that carry the Nix versions to be compared: 2.26 and the newest. */
const suites = ['trixie', 'sid'];
const cache = join(dirname(import.meta.dirname), '.cache', 'nix');

/** @param {string} text */
function say(text) {
  console.log(`setup-nix: ${text}`);
}

/**
 * The version that a Nix program reports, or undefined where it does not run.
 * @param {string} program
 */
function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /(\d+\.\d+\S*)\s*$/.exec(stdout.trim())?.[1] : undefined;
}

function installSystemNix() {
  const present = versionOf('nix-instantiate');
  if (present) return say(`Nix ${present} is installed`);
  if (findProgram('apt-get') === undefined) {
    throw new Error(
      'Nix is absent and this is no Debian: install it as https://nixos.org/download describes.',
    );
  }
  installDebian(new Map([['nix-bin', () => false]]), ['nix-setup-systemd']);
  say(`Nix ${versionOf('nix-instantiate')} is installed`);
}

/**
 * Unpacks a suite's nix-bin with everything that it needs, C library included, into one folder.
 * @param {string} suite
 */
function unpackSuite(suite) {
  const link = join(cache, suite);
  if (existsSync(link)) {
    writeWrappers(join(link, 'root'), join(link, 'bin'));
    const present = versionOf(join(link, 'bin/nix'));
    if (present) return say(`Nix ${present} (${suite}) is unpacked`);
  }

  const work = join(cache, `.unpacking-${suite}-${process.pid}`);
  try {
    say(`unpacking nix-bin of Debian ${suite} …`);
    const root = unpackDebian(suite, ['nix-bin'], work);
    writeWrappers(root, join(work, 'bin'));

    const version = versionOf(join(work, 'bin/nix'));
    if (!version) throw new Error(`The unpacked Nix of Debian ${suite} does not start.`);
    rmSync(join(cache, version), { recursive: true, force: true });
    renameSync(work, join(cache, version));
    rmSync(link, { force: true });
    symlinkSync(version, link);
    say(`Nix ${version} (${suite}) is unpacked`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Start scripts that use the folder's own dynamic linker and libraries.
 * @param {string} root
 * @param {string} bin
 */
function writeWrappers(root, bin) {
  const { libraries, loader } = findLoader(root);
  mkdirSync(bin, { recursive: true });
  for (const name of ['nix', 'nix-instantiate', 'nix-store']) {
    const script = [
      '#!/bin/sh',
      'root="${0%/*}/../root"',
      // Nix starts itself to ask for remote builds, and would find the dynamic linker instead.
      'export NIX_BIN_DIR="${0%/*}"',
      `libraries="$root/${libraries}"`,
      `exec "$root/${loader}" --library-path "$libraries" --argv0 ${name} "$root/usr/bin/nix" "$@"`,
      '',
    ];
    const file = join(bin, name);
    writeFileSync(`${file}.new`, script.join('\n'), { mode: 0o755 });
    renameSync(`${file}.new`, file);
  }
}

try {
  installSystemNix();
  if (process.argv.includes('--all')) {
    mkdirSync(cache, { recursive: true });
    for (const suite of suites) unpackSuite(suite);
    for (const suite of suites) say(`${join(cache, suite)} → ${readlinkSync(join(cache, suite))}`);
  }
} catch (error) {
  console.error(`setup-nix: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
