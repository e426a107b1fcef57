import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineSplitter } from '../../server/src/nix/lineSplitter.ts';
import { decodeMessage, withoutColours } from '../../server/src/nix/messages.ts';

const record = (fields: object) => `@nix ${JSON.stringify({ action: 'msg', level: 0, ...fields })}`;
const red = (text: string) => `\u001b[31;1m${text}\u001b[0m`;

test('lines are whole whatever the chunks, within a UTF-8 sequence too', () => {
  const text = 'first\n\nzwölf € 𝕏\nlast without newline';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (let start = 0; start < bytes.length; start += size)
      splitter.push(bytes.subarray(start, start + size));
    splitter.end();
    assert.deepEqual(lines, text.split('\n'), `chunks of ${size} bytes`);
  }
});

test('a trace loses its prefix and keeps its own text', () => {
  assert.deepEqual(decodeMessage(record({ msg: 'trace: héllo\nworld' })), {
    kind: 'trace',
    text: 'héllo\nworld',
  });
});

test('warnings and progress are told apart from traces', () => {
  const warning = decodeMessage(record({ level: 1, msg: '\u001b[35;1mwarning:\u001b[0m Git tree is dirty' }));
  assert.deepEqual(warning, { kind: 'warning', text: 'Git tree is dirty' });
  const builtinsWarn = decodeMessage(record({ msg: '\u001b[35;1mevaluation warning:\u001b[0m old' }));
  assert.deepEqual(builtinsWarn, { kind: 'warning', text: 'old' });
  const start = decodeMessage('@nix {"action":"start","id":1,"level":5,"text":"copying","type":0}');
  assert.deepEqual(start, { kind: 'info', text: 'copying' });
  assert.equal(decodeMessage('@nix {"action":"stop","id":1}'), undefined);
});

test('an error of 2.8 has its position in the fields', () => {
  const message = decodeMessage(
    record({
      file: '/a/x.nix',
      line: 3,
      column: 7,
      msg: red('error:') + ' boom',
      raw_msg: '\u001b[35;1mboom\u001b[0m',
    }),
  );
  assert.deepEqual(message, {
    kind: 'error',
    message: 'boom',
    fullText: 'error: boom',
    position: { file: '/a/x.nix', line: 3, column: 7 },
    trace: [],
  });
});

test('later versions repeat line and column behind the file', () => {
  const message = decodeMessage(
    record({ file: '/a/x.nix:3:7', line: 3, column: 7, msg: 'error: b', raw_msg: 'b' }),
  );
  assert.deepEqual(message?.kind === 'error' && message.position, { file: '/a/x.nix', line: 3, column: 7 });
});

test('without fields the text tells the positions, innermost first', () => {
  const newer = [
    'error:',
    "       … while evaluating the attribute 'drvPath'",
    '         at /a/outer.nix:9:1:',
    '            9| outer',
    '             | ^',
    '',
    "       … while calling the 'throw' builtin",
    '         at /a/with blank.nix:2:5:',
    '            2| x = throw "no";',
    '',
    '       error: no',
  ];
  const older = [
    'error: no',
    '',
    '       at /a/in.nix:2:5:',
    '',
    "       … from 'f'",
    '',
    '       at /a/outer.nix:9:1:',
  ];
  const decode = (lines: string[]) => {
    const nothing = { file: null, line: null, column: null };
    const message = decodeMessage(record({ ...nothing, msg: lines.join('\n'), raw_msg: 'no' }));
    assert.ok(message?.kind === 'error');
    return message;
  };
  assert.deepEqual(
    decode(newer).trace.map((frame) => frame.position),
    [
      { file: '/a/with blank.nix', line: 2, column: 5 },
      { file: '/a/outer.nix', line: 9, column: 1 },
    ],
  );
  assert.equal(decode(newer).position, undefined);
  assert.deepEqual(decode(older).position, { file: '/a/in.nix', line: 2, column: 5 });
  assert.deepEqual(decode(older).trace, [
    { message: "from 'f'", position: { file: '/a/outer.nix', line: 9, column: 1 } },
  ]);
});

test('what is no record, or a broken one, is plain text', () => {
  for (const line of [
    'error: stack overflow',
    '@nix {"action":"msg",',
    '@nix 7',
    '@nix null',
    '@nixos {}',
    '',
  ]) {
    assert.deepEqual(decodeMessage(line), { kind: 'plain', text: line });
  }
});

test('records with unexpected fields are survived', () => {
  assert.equal(decodeMessage(record({ msg: 7 })), undefined);
  assert.equal(decodeMessage('@nix {"action":["msg"]}'), undefined);
  const odd = decodeMessage(
    record({ msg: 'error: x', raw_msg: 'x', file: {}, line: '1', trace: [null, 1, { raw_msg: 2 }] }),
  );
  assert.deepEqual(odd, { kind: 'error', message: 'x', fullText: 'error: x', trace: [] });
  const noPlace = decodeMessage(
    record({ msg: 'error: x', raw_msg: 'x', file: 'value:\n  value', line: 1, column: 1 }),
  );
  assert.ok(noPlace?.kind === 'error' && noPlace.position === undefined);
});

test('none of tens of thousands of traces is lost', () => {
  const lines = Array.from({ length: 50_000 }, (_, index) =>
    record({ msg: `trace: probe ${index} ${'x'.repeat(120)}` }),
  );
  const bytes = Buffer.from(lines.join('\n'));
  let traces = 0;
  const splitter = new LineSplitter((line) => {
    if (decodeMessage(line)?.kind === 'trace') traces++;
  });
  for (let start = 0; start < bytes.length; start += 65536)
    splitter.push(bytes.subarray(start, start + 65536));
  splitter.end();
  assert.equal(traces, lines.length);
});

test('colours go, other text stays', () => {
  assert.equal(withoutColours('a\u001b[31;1mb\u001b[0m[c]\u001b[Kd'), 'ab[c]d');
});
