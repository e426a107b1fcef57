import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import MarkdownIt from 'markdown-it';
import { atOnce } from '../../server/src/model/slices.ts';
import { errorText } from '../../server/src/cli/print.ts';
import type { Answer } from '../../server/src/asking/asker.ts';
import { codeActions } from '../../server/src/features/codeActions.ts';
import { codeLenses } from '../../server/src/features/codeLenses.ts';
import { completion, resolvedItem } from '../../server/src/features/completion.ts';
import { closureChildren, closurePath } from '../../server/src/features/closureTree.ts';
import { diagnostics } from '../../server/src/features/diagnostics.ts';
import { hover } from '../../server/src/features/hover.ts';
import { inlayHints } from '../../server/src/features/inlayHints.ts';
import { renderAnswer } from '../../server/src/features/renderAnswer.ts';
import { runLine } from '../../server/src/features/runLog.ts';
import { status } from '../../server/src/features/status.ts';
import { targetItems } from '../../server/src/features/targetItems.ts';
import { verifiedOutputs } from '../../server/src/features/verifiedOutputs.ts';
import { whyJson, whyPicture, whyText } from '../../server/src/output/why.ts';
import { fixText, patchNote, patchText } from '../../server/src/output/fixText.ts';
import { formats } from '../../server/src/output/formats.ts';
import { plainPaint, paintFor } from '../../server/src/output/paint.ts';
import { jsonText, terminalText } from '../../server/src/output/shown.ts';
import { picturesDot } from '../../server/src/output/toDot.ts';
import { verificationJson } from '../../server/src/output/verificationJson.ts';
import { verificationText } from '../../server/src/output/verificationText.ts';
import { parseSourceFile } from '../../server/src/syntax/sourceFile.ts';
import {
  hostileContext,
  hostileReport,
  hostileResults,
  hostileSnapshot,
  hostileVerification,
} from '../support/hostileReport.ts';
import { testParser } from '../support/parser.ts';
import { parseSarif } from '../support/sarifSchema.ts';

/** Texts that want to be taken for something else. Each is put wherever a repository can put one. */
const texts: Readonly<Record<string, string>> = {
  'a colour': 'a\u001b[31mb\u001b[0mc',
  'a title for the terminal': '\u001b]0;title\u0007x',
  'a link of the terminal': '\u001b]8;;http://127.0.0.1/\u001b\\text\u001b]8;;\u001b\\',
  'the clipboard': '\u001b]52;c;ZXZpbA==\u0007',
  'eight-bit control sequences': '\u009b31mred\u009d0;t\u009c',
  'control characters': 'a\u0000b\u0008\u0008\u007f\u0085c',
  'a line that is written over': 'bad\rgood',
  'an override of direction': 'user\u202e}\u2066 // \u2069\u2066',
  'marks of direction': 'a\u200eb\u200fc\u061cd\u202ae\u202bf\u202cg\u202dh',
  isolates: '\u2067a\u2068b\u2069',
  'what nobody sees': 'a\u200bb\u2060c\ufeffd\u00ade\u034ff\u115fg\u3164h\u180ei',
  'joiners between letters': 'pa\u200dyp\u200cal',
  'tag characters': 'x\u{e0041}\u{e0042}\u{e007f}',
  'selectors of variants': 'x\ufe0f\u{e0100}\u{e0101}',
  'separators of lines': 'a\u2028b\u2029c',
  'halves of a pair': 'a\ud800b\udc00c',
  'no characters': 'a\ufffeb\u{1ffff}c\ufdd0',
  'a line that is a command': 'x\n::error file=a::forged\n::add-mask::x\n  ::stop-commands::t',
  'a name that is a command': '::error file=a::forged',
  'an older command': 'x ##[error]forged ##[add-mask]y ##vso[task.setvariable]z ##teamcity[x]',
  'a property of a command': 'a,line=9::b%0A::error::c',
  'a link': '[text](command:evil?x) [t][r] <command:evil> ![i](http://127.0.0.1/i.png)\n\n[r]: command:evil',
  'code that ends': '`a` ``` `` \n\n```\n[text](command:evil)',
  'code over paragraphs': '`a\n\n[text](command:evil)\n\n`b',
  HTML: '<img src=http://127.0.0.1/x onerror=y><script>z</script></details></summary><!-- -->',
  entities: '&#x202e;&lt;img&gt;&#91;a](b)&zwj;',
  blocks: '# heading\n\n- item\n\n1. one\n\n    code\n\n> quote\n\na | b\n--- | ---\n\n===\n***',
  'starts of blocks': '- [ ] task',
  'a cell that ends': 'a | b || c \\| d',
  'mentions and addresses': '@octocat #1 GH-2 https://127.0.0.1/x www.example.org a@b.c $\\phantom{x}$',
  icons: '$(error) $(loading~spin)',
  quotes: '"];evil[label="x" %%{init: {}}%% {0} %s \\N \\" "</title>',
  'very long': 'x'.repeat(300_000),
};

/** What no output for people may hold, whatever is around it. */
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff\ufdd0\ufffe]|[\u{e0000}-\u{e0fff}\u{1ffff}]|\p{Surrogate}/u;

/** Lines that a CI server obeys (actions/runner, `ActionCommand.cs`). */
const command = /^\s*::|##\[|##vso\[|##teamcity\[/im;

function assertPlain(text: string, mayBreak = true): void {
  // Our own signs have a selector that makes emoji of them.
  const wrong = unseen.exec(text.replaceAll(/[⚠ℹ]\ufe0f/gu, ''));
  assert.equal(wrong, null, wrong ? JSON.stringify(text.slice(wrong.index - 60, wrong.index + 20)) : '');
  if (!mayBreak) assert.doesNotMatch(text, /[\n\t]/);
}

/** Lines that each begin as one of ours does: nobody else's text has begun one. */
function assertOwnLines(text: string): void {
  assertPlain(text);
  assert.doesNotMatch(text, command);
}

const markdown = new MarkdownIt({ html: true, linkify: true });
// As GitHub does it: an address begins as one.
markdown.linkify.set({ fuzzyLink: false });

/** What Markdown makes of a text: the tags, and where links and images lead. */
function rendered(text: string): { readonly tags: readonly string[]; readonly targets: readonly string[] } {
  const page = markdown.render(text);
  return {
    tags: [...page.matchAll(/<([a-z0-9]+)/g)].map(([, tag = '']) => tag),
    targets: [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, to = '']) => to),
  };
}

/** In the editor: our own link alone leads somewhere, except for addresses that are what they say. */
function assertTame(text: string): void {
  assertPlain(text);
  assertPlain(markdown.render(text));
  const { tags, targets } = rendered(text);
  const strange = tags.filter((tag) => !['p', 'ul', 'li', 'strong', 'em', 'code', 'hr', 'a'].includes(tag));
  assert.deepEqual(strange, []);
  for (const to of targets)
    assert.match(to, /^command:nixPlatformLens\.showClosure\?|^(?:https?:\/\/|mailto:)/);
}

const everywhere = { start: { line: 0, character: 0 }, end: { line: 100, character: 0 } };

/** Strings within a value, except what a machine takes back. */
function stringsIn(value: unknown, taken: ReadonlySet<string>): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((one) => stringsIn(one, taken));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => (taken.has(key) ? [] : stringsIn(one, taken)));
}

describe('the command', () => {
  for (const [what, text] of Object.entries(texts)) {
    test(`text: ${what}`, async () => {
      const results = await hostileResults(text);
      const plain = formats.text(results, hostileContext);
      assertOwnLines(plain);
      const neutral = formats.text(await hostileResults('x'), hostileContext);
      assert.equal(plain.split('\n').length, neutral.split('\n').length, 'no line more than of a plain name');
      // A long line is cut between the colours.
      if (text.length > 1000) return;
      const painted = formats.text(results, { ...hostileContext, paint: paintFor(true) });
      assert.equal(painted.replace(/\u001b\[(?:[12]|22|3[1239])m/g, ''), plain, 'our own colours alone');
      const neutralPainted = formats.text(await hostileResults('x'), {
        ...hostileContext,
        paint: paintFor(true),
      });
      assert.equal(painted.split('\u001b').length, neutralPainted.split('\u001b').length);
    });

    test(`repairs: ${what}`, async () => {
      const { evaluations } = await hostileResults(text);
      const applied = evaluations.flatMap(({ outcome }) => (outcome.kind === 'judged' ? outcome.fixes : []));
      const told = { applied, evaluations, isRestricted: false };
      assertOwnLines(fixText(told, '/w', plainPaint));
      assertOwnLines(patchNote(told, '/w', plainPaint));
      const texts = [new Map([[`/w/${text}`, 'old\n']]), new Map([[`/w/${text}`, `${text}\n`]])] as const;
      // A program takes it as it is; a terminal obeys nothing of it.
      const patch = patchText(...texts, () => 'file', false).split('\n');
      for (const line of text.split('\n')) assert.ok(patch.includes(`+${line}`));
      assertOwnLines(patchText(...texts, () => text, true));
    });

    test(`errors: ${what}`, () => {
      const source = { file: `/w/${text}.nix`, range: everywhere };
      const told = errorText({ message: text, source, advice: text }, '/w');
      assertOwnLines(told);
      const [first = '', ...rest] = told.trimEnd().split('\n');
      assert.match(first, /:1:1: error: /);
      for (const line of rest) assert.match(line, /^ {2}/);
      assertOwnLines(terminalText([text]));
    });

    test(`GitHub: ${what}`, async () => {
      const lines = formats
        .github(await hostileResults(text), hostileContext)
        .trimEnd()
        .split('\n');
      const neutral = formats
        .github(await hostileResults('x'), hostileContext)
        .trimEnd()
        .split('\n');
      assert.equal(lines.length, neutral.length);
      const heads = (all: readonly string[]) =>
        all.map((line) =>
          /^::(?:error|warning|notice) file=[^,:]*,line=\d+,endLine=\d+,(?:col=\d+,endColumn=\d+,)?title=[^,:]*::/.test(
            line,
          ),
        );
      assert.deepEqual(heads(lines), heads(neutral));
      for (const line of lines) {
        assertPlain(line, false);
        if (!line.startsWith('::')) assert.doesNotMatch(line, command);
        // What the runner makes of it.
        assertPlain(decodeURIComponent(line.replace(/%(?!25|0A|0D|3A|2C)/g, '%25')).replaceAll('\r', ''));
      }
    });

    test(`Markdown: ${what}`, async () => {
      const page = formats.markdown(await hostileResults(text), hostileContext);
      assertOwnLines(page);
      const neutral = rendered(formats.markdown(await hostileResults('x'), hostileContext));
      const shown = rendered(page);
      const count = (tags: readonly string[], tag: string) => tags.filter((one) => one === tag).length;
      for (const tag of [
        'img',
        'script',
        'h1',
        'h2',
        'h3',
        'ol',
        'ul',
        'li',
        'table',
        'tr',
        'td',
        'blockquote',
        'pre',
        'details',
        'summary',
        'hr',
        'a',
      ])
        assert.equal(count(shown.tags, tag), count(neutral.tags, tag), tag);
      for (const to of shown.targets)
        assert.match(to, /^(?!\/)[\w%.!'*~/-]+\.nix#L\d+$/, 'links lead into the repository');
      assertPlain(markdown.render(page));
      assert.doesNotMatch(
        page.replace(/^(`{3,}).*\n[^]*?^\1$/gm, '').replace(/(`+)[^`]+\1|\]\([^)]*\)/g, ''),
        /@octocat|(?<!&)#1\b|GH-2|www\./,
      );
    });

    test(`SARIF: ${what}`, async () => {
      const log = formats.sarif(await hostileResults(text), hostileContext);
      assert.doesNotMatch(log, command);
      assertPlain(log);
      const { runs } = parseSarif(log);
      const told = [
        ...(runs[0]?.results ?? []),
        ...(runs[0]?.invocations ?? []).flatMap((one) => one.toolExecutionNotifications ?? []),
      ];
      assert.ok(told.length > 3);
      const machines = new Set(['insertedContent', 'properties', 'partialFingerprints']);
      for (const one of stringsIn(told, machines)) assertPlain(one);
      for (const { message } of told) assert.doesNotMatch(message.text ?? '', /\]\(/, 'no link');
      const uris = [...log.matchAll(/"uri": "([^"]*)"/g)].map(([, uri = '']) => uri);
      for (const uri of uris) assert.doesNotThrow(() => new URL(uri, 'file:///w/'));
    });

    test(`JSON: ${what}`, async () => {
      const results = await hostileResults(text);
      const json = formats.json(results, hostileContext);
      assertPlain(json);
      assert.doesNotMatch(json, command);
      const document: unknown = JSON.parse(json);
      assert.ok(stringsIn(document, new Set()).includes(text), 'the very text');
      assert.deepEqual(JSON.parse(jsonText({ [text]: text })), { [text]: text });
      assert.equal(jsonText(verificationJson(hostileVerification(text))).search(unseen), -1);
    });

    test(`pictures: ${what}`, async () => {
      const results = await hostileResults(text);
      for (const format of ['dot', 'mermaid'] as const) {
        const drawn = formats[format](results);
        assertOwnLines(drawn);
        const neutral = formats[format](await hostileResults('x'));
        assert.equal(drawn.split('\n').length, neutral.split('\n').length);
      }
      for (const [, label = ''] of formats.mermaid(results).matchAll(/\["(.*)"\]/g))
        assert.doesNotMatch(label.replaceAll('<br/>', ''), /["<>`[\]]/);
      const dot = formats.dot(results);
      const outside = dot.replace(/"(?:[^"\\]|\\.)*"/g, '');
      assert.doesNotMatch(outside, /evil|"/);
    });

    test(`why and verify: ${what}`, async () => {
      const report = await hostileReport(text);
      const [leak] = report.leaks;
      assert.ok(leak);
      assertOwnLines(whyText(whyJson(report, leak.input, '/w'), plainPaint));
      assertOwnLines(picturesDot([whyPicture(report, [leak.input], text)]));
      assertOwnLines(verificationText(hostileVerification(text), plainPaint));
    });
  }
});

describe('the editor', () => {
  for (const [what, text] of Object.entries(texts)) {
    test(`diagnostics, lenses, hints, actions: ${what}`, async () => {
      const snapshot = await hostileSnapshot(text);
      const [file = ''] = snapshot.syntaxProblems.keys();
      const found = [...atOnce(diagnostics(snapshot)).values()].flat();
      assert.ok(found.length >= 3, 'a leak, a failure and a problem of syntax');
      for (const one of stringsIn(found, new Set(['uri']))) {
        assertPlain(one);
        assert.ok(one.length < 30_000);
      }
      const lenses = codeLenses(snapshot, file);
      assert.ok(lenses.length > 1);
      const hints = inlayHints(snapshot, file, everywhere);
      assert.equal(hints.length, 1);
      const actions = atOnce(
        codeActions(snapshot, file, everywhere, { diagnostics: [] }, { documentChanges: false }),
      );
      assert.ok(actions.length > 1);
      const titles = [
        ...lenses.map(({ command: offered }) => offered?.title ?? ''),
        ...hints.map(({ label }) => (typeof label === 'string' ? label : '')),
        ...actions.map(({ title }) => title),
      ];
      for (const title of titles) {
        assertPlain(title, false);
        assert.ok(title.length < 700);
      }
      for (const { tooltip } of hints) if (typeof tooltip === 'object') assertTame(tooltip.value);
    });

    test(`hover and completion: ${what}`, async () => {
      const snapshot = await hostileSnapshot(text);
      const [evaluation] = snapshot.evaluations;
      const [file = ''] = snapshot.syntaxProblems.keys();
      assert.ok(evaluation?.evaluated);
      const source = parseSourceFile(file, '{\nname\n}', await testParser());
      const answer = hover(snapshot, source, { line: 1, character: 1 });
      if (answer && typeof answer.contents === 'object' && 'value' in answer.contents)
        assertTame(answer.contents.value);
      const values: Extract<Answer, { kind: 'values' }>['values'] = [
        { kind: 'derivation', name: text, system: text, host: text },
        { kind: 'package-set', build: text, host: text, target: `${text}2` },
        { kind: 'set', size: 2, names: [text] },
        { kind: 'function', formals: [text] },
        { kind: 'text', type: 'string', text },
      ];
      const asked = { context: text, answer: { kind: 'values' as const, values, isComplete: true } };
      assertTame((renderAnswer(asked) ?? []).join('\n\n'));
      assertTame(
        (renderAnswer({ context: text, answer: { kind: 'failed', message: text } }) ?? []).join('\n\n'),
      );
      const offers = [{ name: text, text: JSON.stringify(text), isAttribute: true, expression: text }];
      const { items } = completion({ offers, isIncomplete: false }, 1);
      const [item] = items;
      assert.ok(item);
      assertPlain(item.label, false);
      assert.equal(item.insertText, JSON.stringify(text), 'what is inserted is the very text');
      const { detail, documentation } = resolvedItem(item, asked);
      assertPlain(detail ?? '', false);
      if (typeof documentation === 'object') assertTame(documentation.value);
    });

    test(`status, tree, pickers and log: ${what}`, async () => {
      const snapshot = await hostileSnapshot(text);
      const told = status(snapshot);
      for (const one of stringsIn(told, new Set(['key', 'flake']))) assertPlain(one);
      for (const system of Object.keys(told.summary?.bySystem ?? {})) assertPlain(system, false);
      assertPlain(told.target ?? '', false);
      const items = targetItems(snapshot);
      for (const one of stringsIn(items.targets, new Set(['key']))) assertPlain(one, false);
      const rows = ['leaks', 'leaks/1', 'leaks/0', undefined].flatMap(
        (parent) =>
          closureChildren(snapshot, {
            reportId: 1,
            ...(parent === undefined ? {} : { parent }),
            offset: 0,
            limit: 100,
          }).nodes,
      );
      const path = closurePath(snapshot, { reportId: 1, key: 'root' }).nodes;
      assert.ok(rows.length > 5 && path.length > 0);
      for (const { label, description, tooltip } of [...rows, ...path]) {
        assertPlain(label, false);
        assertPlain(description, false);
        assertTame(tooltip);
      }
      const report = await hostileReport(text);
      const verified = verifiedOutputs(hostileVerification(text), report);
      for (const { label, description } of verified.findings) {
        assertPlain(label, false);
        assertPlain(description, false);
      }
      assertOwnLines(verified.text);
      const end = { label: text, evaluateAs: text, milliseconds: 1, nix: undefined };
      assertPlain(runLine({ ...end, outcome: { kind: 'failed', errors: [{ message: text }] } }), false);
      assertPlain(runLine({ ...end, outcome: { kind: 'report', report } }), false);
    });
  }
});
