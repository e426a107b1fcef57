import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { outputPlaceholder } from '../../server/src/derivation/closureBuilder.ts';
import {
  derivationNameOf,
  encodeNix32,
  hashPartOf,
  nameOf,
  storeDirOf,
} from '../../server/src/model/storePath.ts';

const path = '/nix/store/0123456789abcdfghijklmnpqrsvwxyz-hello-2.12.drv';

test('a store path is taken apart', () => {
  assert.equal(storeDirOf(path), '/nix/store');
  assert.equal(hashPartOf(path), '0123456789abcdfghijklmnpqrsvwxyz');
  assert.equal(nameOf(path), 'hello-2.12.drv');
  assert.equal(derivationNameOf(path), 'hello-2.12');
});

test('base 32 is that of Nix', () => {
  // `nix-hash --to-base32 --type sha256 $(printf '' | sha256sum)`
  const empty = createHash('sha256').update('').digest();
  assert.equal(encodeNix32(empty), '0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73');
});

test('placeholders are those of Nix', () => {
  // From the environment of a derivation that uses outputs `out` and `dev` of this floating one, by Nix 2.8.0.
  const drvPath = '/nix/store/8arzrdr30j4jxgqshrmyfllnrg997ww2-a.drv';
  assert.equal(outputPlaceholder(drvPath, 'out'), '11daxf258zs3ajb43y8vm9g9gg8bza95rw6j7i60idcvfhk3plrk');
  assert.equal(outputPlaceholder(drvPath, 'dev'), '0x62q6339lxj5kd043dkh7b54mgbiqqlljwr7fp0yikvsj0ma4sm');
});
