import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cross, findingsIn, native, type Tools } from '../support/scriptFindings.ts';

/** What is found of a derivation that runs where it is built, and has a cross-compiled input beside a native one. */
function found(
  env: (tools: { readonly host: string; readonly build: string }) => Readonly<Record<string, string>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  return findingsIn(({ store, host, build }: Tools) =>
    store.add({
      name: 'root',
      inputs: [host, build],
      env: { ...native, ...env({ host: host.out(), build: build.out() }) },
      ...more,
    }),
  );
}

/** As `writeScript` of nixpkgs does it. */
const written = { buildCommand: 'mv "$textPath" "$out"', executable: '1' };

describe('what runs where it is built, and uses a program for another platform', () => {
  const wrong = (place: string): string[] => [`build-script ${place}: root → host`];

  test('its build starts one', async () => {
    assert.deepEqual(await found(({ host }) => ({ buildPhase: `${host}/bin/x` })), wrong('buildPhase:1'));
    assert.deepEqual(await found(({ host }) => ({ buildPhase: `cp ${host}/bin/x .` })), []);
  });

  test('it writes a script that its own interpreter cannot go on with', async () => {
    assert.deepEqual(
      await found(({ host, build }) => ({ ...written, text: `#! ${build}/bin/sh\nexec ${host}/bin/x` })),
      ['runtime-script text:2: root → host'],
    );
    assert.deepEqual(
      await found(({ host, build }) => ({
        buildCommand: `cat > $out/bin/x <<EOF\n#!${build}/bin/sh\n${host}/bin/x\nEOF`,
      })),
      ['runtime-script buildCommand:3: root → host'],
    );
  });

  test('it writes a script for the other platform, or one that only names its programs', async () => {
    const none = async (text: (host: string, build: string) => string): Promise<void> =>
      assert.deepEqual(await found(({ host, build }) => ({ ...written, text: text(host, build) })), []);
    await none((host) => `#! ${host}/bin/sh\nexec ${host}/bin/x`);
    await none((host) => `#! /bin/sh\nexec ${host}/bin/x`);
    await none((host, build) => `#! ${build}/bin/sh\nscp ${host}/bin/x there:`);
  });
});

describe('the PATH that a builder of one’s own is started with', () => {
  const path = ['build-script PATH:1: root → host'];

  test('it has programs for the host platform', async () => {
    const PATH = (host: string): string => `/bin:${host}/bin`;
    const args = ['-c', 'x < in > $out'];
    assert.deepEqual(await found(({ host }) => ({ stdenv: '', PATH: PATH(host) }), { args }), path);
    const structured = ({ host }: { host: string }): Readonly<Record<string, string>> => ({
      __json: JSON.stringify({ PATH: PATH(host) }),
    });
    assert.deepEqual(await found(structured, { args }), path);
    const crossBuilt = ({ host }: { host: string }): Readonly<Record<string, string>> => ({
      ...cross,
      PATH: PATH(host),
    });
    assert.deepEqual(await found(crossBuilt, { args }), path);
  });

  test('setup scripts make one of their own', async () => {
    const args = ['-c', 'source $stdenv/setup; genericBuild'];
    assert.deepEqual(await found(({ host }) => ({ PATH: `${host}/bin` }), { args }), []);
    assert.deepEqual(await found(({ host }) => ({ PATH: `${host}/lib` }), { args: ['-c', 'x'] }), []);
  });
});
