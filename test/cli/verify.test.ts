import assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { jsonVerifications } from '../../server/src/output/jsonSchemas.ts';
import { runCommand, runProcess, type CommandResult } from '../support/command.ts';
import { RealisedStore } from '../support/realisedStore.ts';

const store = new RealisedStore(`
  shell = make "shell" { build = "install $files/elf-x86_64 $out/bin/sh; ln -s sh $out/bin/bash"; };
  right = make "right" {
    build = ''
      install $files/elf-x86_64 $out/bin/a
      install $files/elf-i686 $out/bin/b
      install /bin/true $out/libexec/true
      install $files/mac-arm64 $out/lib/node_modules/x/prebuilds/darwin-arm64/x.node
      install $files/elf-aarch64 $out/share/qemu/firmware.elf
      echo '#!\${shell}/bin/bash' > $out/bin/script
      echo '#!/usr/bin/env python3' > $out/bin/elsewhere
      echo '#!/usr/bin/env \${shell}/bin/sh' > $out/bin/env
      ln -s loop $out/bin/loop
    '';
  };
  mac = make "nix-2.18" { system = "x86_64-darwin"; build = "install $files/mac-x86_64 $out/bin/nix-store; install $files/mac-x86_64 $out/bin/nix; echo \${macLib} > $out/lib"; };
  macLib = make "curl" { system = "x86_64-darwin"; build = "install $files/mac-x86_64 $out/lib/libcurl.dylib"; };
  leaking = make "leaking" { buildInputs = [ mac ]; build = "install $files/elf-x86_64 $out/bin/x; echo \${mac} > $out/nix"; };
  misbuilt = make "misbuilt" { build = "install $files/elf-aarch64 $out/bin/x; install $files/elf-aarch64 $out/lib/liby.so.1; install $files/elf-cut $out/bin/cut"; };
  cross = make "cross" {
    host = "aarch64-linux";
    nativeBuildInputs = [ shell ];
    build = ''
      install $files/elf-aarch64 $out/bin/x
      echo '#!\${shell}/bin/bash' > $out/bin/script
    '';
  };
  crossRight = make "cross-right" { host = "aarch64-linux"; nativeBuildInputs = [ shell ]; build = "install $files/elf-aarch64 $out/bin/x; echo \${shell} > $out/note"; };
  unmarked = make "unmarked" { marked = false; build = "install $files/mac-arm64 $out/bin/x"; };
  absent = make "absent" { outputs = [ "out" "dev" ]; build = "exit 1"; };
  partly = make "partly" { outputs = [ "out" "dev" ]; build = "install $files/elf-x86_64 $out/bin/x; mkdir $dev"; };
`);
after(() => store[Symbol.dispose]());

function verify(...args: string[]): Promise<CommandResult> {
  return runCommand(['verify', ...args], store.directory);
}

/** Builds and verifies an attribute; the findings as `severity file: found, expected`. */
async function built(attribute: string, ...args: string[]) {
  store.build(attribute);
  const { exitCode, stdout, stderr } = await verify('-A', attribute, '--format', 'json', ...args);
  const { verifications } = jsonVerifications.parse(JSON.parse(stdout));
  const [verification] = verifications;
  assert.ok(verification && 'paths' in verification, stderr);
  const findings = verification.paths.flatMap(({ findings: all }) =>
    all.map(({ severity, file, found, expected }) => `${severity} ${file}: ${found}, expected ${expected}`),
  );
  return { exitCode, verification, findings };
}

describe('verify', () => {
  test('everything right: compatible systems, folders named after others, firmware, scripts', async () => {
    const { exitCode, verification, findings } = await built('right');
    assert.equal(exitCode, 0);
    assert.equal(verification.state, 'right');
    assert.deepEqual(verification.expected, {
      system: 'x86_64-linux',
      source: 'derivation',
      assumed: false,
      code: 'ELF x86-64',
    });
    assert.deepEqual(findings, [
      'info lib/node_modules/x/prebuilds/darwin-arm64/x.node: Mach-O arm64, expected ELF x86-64',
      'info share/qemu/firmware.elf: ELF AArch64, expected ELF x86-64',
    ]);
    const { executables, libraries, scripts, storePaths } = verification.counts;
    assert.deepEqual(
      { executables, libraries, scripts, storePaths },
      {
        executables: 5,
        libraries: 1,
        scripts: 3,
        storePaths: 2,
      },
    );
  });

  test("the mission's bug, in the store: a Mac's nix in a Linux closure", async () => {
    const { exitCode, verification, findings } = await built('leaking');
    assert.equal(exitCode, 1);
    assert.deepEqual(findings, [
      'error bin/nix: Mach-O x86_64, expected ELF x86-64',
      'error bin/nix-store: Mach-O x86_64, expected ELF x86-64',
    ]);
    const [path] = verification.paths;
    assert.deepEqual(
      path?.path.map((step) => step.slice(44)),
      ['leaking', 'nix-2.18'],
    );
    assert.equal(path.madeFor, 'x86_64-darwin');
    assert.match(path.drvPath ?? '', /-nix-2\.18\.drv$/);
    assert.equal(verification.counts.foreignPaths, 2, 'nix, and the curl that it brings along');
    const { stdout } = await verify('-A', 'leaking');
    assert.match(stdout, /^✗ leaking: 2 files cannot run on x86_64-linux$/m);
    assert.match(stdout, /^error: bin\/nix: Mach-O x86_64, expected ELF x86-64$/m);
    assert.match(stdout, /^ {2}also {2}bin\/nix-store$/m);
    assert.match(stdout, /^ {2}path {2}leaking → nix-2\.18$/m);
    assert.doesNotMatch(stdout, /\u001b/);
  });

  test('an output that is not what its derivation says', async () => {
    const { exitCode, findings } = await built('misbuilt');
    assert.equal(exitCode, 1);
    assert.deepEqual(findings, [
      'error bin/x: ELF AArch64, expected ELF x86-64',
      'error lib/liby.so.1: ELF AArch64, expected ELF x86-64',
      'warning bin/cut: ELF header that is cut off, expected ELF x86-64',
    ]);
  });

  test('a cross-compiled script that is run by a program of the build machine', async () => {
    const { exitCode, verification, findings } = await built('cross');
    assert.equal(exitCode, 1);
    assert.equal(verification.expected?.system, 'aarch64-linux');
    assert.equal(findings.length, 1);
    assert.match(
      findings[0] ?? '',
      /^error bin\/script: script run by ELF x86-64, \/nix\/store\/\w+-shell\/bin\/sh, expected ELF AArch64$/,
    );
  });

  test('what is for the build machine on purpose is a note', async () => {
    const { exitCode, verification, findings } = await built('crossRight');
    assert.equal(exitCode, 0);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      verification.paths.map(({ storePath, madeFor }) => [storePath.slice(44), madeFor]),
      [['shell', 'x86_64-linux']],
    );
    const { stdout } = await verify('-A', 'crossRight');
    assert.match(stdout, /^note: 1 store path made for x86_64-linux on purpose, .*: shell$/m);
  });

  test('nothing is called an error on an assumption, until somebody says where it has to run', async () => {
    const assumed = await built('unmarked');
    assert.equal(assumed.exitCode, 2);
    assert.equal(assumed.verification.state, 'unknown');
    assert.deepEqual(assumed.findings, ['warning bin/x: Mach-O arm64, expected ELF x86-64']);
    const given = await built('unmarked', '--expect', 'x86_64-linux');
    assert.equal(given.exitCode, 1);
    assert.deepEqual(given.findings, ['error bin/x: Mach-O arm64, expected ELF x86-64']);
    const right = await built('unmarked', '--expect', 'aarch64-darwin');
    assert.equal(right.exitCode, 0);
  });

  test('a system whose code nobody knows is not called right', async () => {
    store.build('right');
    const { exitCode, stdout } = await verify('-A', 'right', '--expect', 'wasm32-wasi');
    assert.equal(exitCode, 2);
    assert.match(stdout, /^incomplete: What native code for wasm32-wasi looks like is not known/m);
  });

  test('outputs that are not in the store are named, and nothing is built', async () => {
    const { exitCode, stdout } = await verify('-A', 'absent');
    assert.equal(exitCode, 2);
    assert.match(stdout, /^\? absent: nothing of it is in the store yet$/m);
    assert.match(stdout, /absent +\/nix\/store\/\w+-absent-dev \(dev\)$/m);
    assert.match(stdout, /First: nix-store --realise \/nix\/store\/\w+-absent\.drv$/m);
  });

  test('some outputs are in the store', async () => {
    const [, dev = ''] = store.build('partly');
    store.run('nix-store', ['--delete', dev]);
    const { exitCode, stdout } = await verify('-A', 'partly');
    assert.equal(exitCode, 0, stdout);
    assert.match(
      stdout,
      /^✓ partly: everything in it runs on x86_64-linux \(1 of 2 outputs not in the store\)$/m,
    );
  });

  test('a link to a store path: its deriver says what it is for', async () => {
    const [out = ''] = store.build('leaking');
    const link = join(store.directory, 'result');
    symlinkSync(out, link);
    for (const path of ['./result', out, `${out}/bin/x`]) {
      const { exitCode, stdout } = await verify(path);
      assert.equal(exitCode, 1, path);
      assert.match(stdout, /the host platform of its derivation/);
      assert.match(stdout, /^error: bin\/nix: Mach-O x86_64/m);
    }
    rmSync(link);
  });

  test('a store path that no derivation made: this machine, and only a warning', async () => {
    const path = store.run('nix-store', ['--add', join(store.directory, 'files', 'mac-arm64')]);
    const unsaid = await verify(path);
    assert.equal(unsaid.exitCode, 2);
    assert.match(unsaid.stdout, /this machine, since no derivation says it; --expect SYSTEM does/);
    assert.match(unsaid.stdout, /^warning: mac-arm64: Mach-O arm64, expected ELF /m);
    assert.equal((await verify(path, '--expect', 'aarch64-darwin')).exitCode, 0);
    assert.equal((await verify(path, '--expect', 'x86_64-linux')).exitCode, 1);
  });

  test('a derivation, and a limit that ends it early', async () => {
    store.build('right');
    const drvPath = store.run('nix-instantiate', [store.file, '-A', 'right']);
    assert.equal((await verify(drvPath)).exitCode, 0);
    const { exitCode, stdout } = await verify(drvPath, '--max-files', '2');
    assert.equal(exitCode, 2);
    assert.match(stdout, /^incomplete: Only the first 2 files .*--max-files$/m);
  });

  test('a defect of the command’s own shows its stack with --debug, and else how to see it', async () => {
    const [out = ''] = store.build('right');
    const fault = join(store.directory, 'fault.cjs');
    // Whatever takes long looks at the time.
    writeFileSync(fault, 'performance.now = () => undefined.here;');
    const env = { NODE_OPTIONS: `--require=${fault}` };
    const debugged = await runProcess(['verify', out, '--debug'], store.directory, env);
    assert.equal(debugged.exitCode, 2);
    assert.match(debugged.stderr, /^error: Cannot read properties of undefined/);
    assert.match(debugged.stderr, /^ +at .*fault\.cjs:\d+/m);
    const told = await runProcess(['verify', out], store.directory, env);
    assert.equal(told.exitCode, 2);
    assert.match(told.stderr, /a defect of nix-platform-lens\. With --debug it says where\./);
    assert.doesNotMatch(told.stderr, /fault\.cjs:/);
  });

  for (const [what, args, says] of [
    [
      'a store path that is not there',
      ['/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x'],
      /nothing of it is in the store/,
    ],
    ['a system that is none', ['-A', 'right', '--expect', 'linux'], /must be a system such as/],
    ['an attribute that is missing', ['-A', 'nope'], /error: attribute 'nope'/],
    [
      '--as for a store path',
      ['/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x', '--as', 'x86_64-linux'],
      /--expect says where/,
    ],
    ['two targets', ['.#x', '-f', 'default.nix'], /not both/],
  ] as const) {
    test(`status 2: ${what}`, async () => {
      const { exitCode, stdout, stderr } = await verify(...args);
      assert.equal(exitCode, 2);
      assert.match(stdout + stderr, says);
      assert.doesNotMatch(stderr, /\n +at .*\.(js|ts):/, 'no stack of ours');
    });
  }
});
