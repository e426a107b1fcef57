import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as shown from '../../server/src/output/shown.ts';

/** So long that what looks at a run again and again would not end in the time of a test. */
const length = 400_000;

describe('line breaks in sentences', () => {
  for (const [text, joined] of [
    ['a \t\r\n  b', 'a b'],
    ['a\n\n\n\tb', 'a b'],
    ['\na\r\n', ' a '],
    ['a  b\rc', 'a  b\rc'],
  ] as const)
    test(JSON.stringify(text), () => assert.equal(shown.joinLines(text), joined));
});

describe('texts that are one long run', () => {
  const lines: Readonly<Record<string, (text: string) => string>> = {
    visible: shown.visible,
    visibleText: shown.visibleText,
    joinLines: shown.joinLines,
    code: shown.code,
    escapeMarkdown: shown.escapeMarkdown,
    hostedMarkdown: shown.hostedMarkdown,
    html: shown.html,
    printedPage: shown.printedPage,
    annotationMessage: shown.annotationMessage,
    annotationProperty: shown.annotationProperty,
    sarifMessage: shown.sarifMessage,
    editorLine: shown.editorLine,
    editorText: shown.editorText,
    terminalText: (text) => shown.terminalText([text]),
    dotLabel: (text) => shown.dotLabel([text]),
    mermaidLabel: (text) => shown.mermaidLabel([text]),
    codeBlock: (text) => shown.codeBlock('nix', text.split('\n')),
    jsonText: shown.jsonText,
  };
  const units = [' ', '\t', '\r', '\n', '\r\n', ' \n', '`', '` ', '`\n', '#', ':', ']', '\u001b[1', '1', '.'];
  for (const [name, show] of Object.entries(lines)) {
    test(name, () => {
      for (const unit of units) {
        const run = unit.repeat(length / unit.length);
        assert.notEqual(show(`a${run}b`), '');
      }
    });
  }
});
