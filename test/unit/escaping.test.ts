import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorText } from '../../server/src/cli/print.ts';
import { noSuppressions } from '../../server/src/attribution/findSuppressions.ts';
import { applyPolicy } from '../../server/src/check/policy.ts';
import type { Report } from '../../server/src/model/report.ts';
import { resultsMarkdown } from '../../server/src/output/toMarkdown.ts';
import { resultsText } from '../../server/src/output/listFormats.ts';
import { escapeMarkdown } from '../../server/src/output/shown.ts';
import { annotation, resultsGithub } from '../../server/src/output/toGithub.ts';
import { resultsSarif } from '../../server/src/output/toSarif.ts';
import type { CheckResults, FormatContext } from '../../server/src/output/results.ts';
import { plainPaint } from '../../server/src/output/paint.ts';
import { judge } from '../support/closure.ts';
import { parseSarif } from '../support/sarifSchema.ts';

const context: FormatContext = { directory: '/w', sourceRoot: '/w', version: '1.0.0', paint: plainPaint };
const hostile = 'x "</details>\n-->" `` ``` | [a](b) ::error::\u0007 %0A, {0}';
const file = '/w/a b/[x](y):#1,%.nix';

/** One leak whose expression, cause, file and label say what nobody would. */
async function hostileResults(system = 'x86_64-darwin'): Promise<CheckResults> {
  const { graph, judgement } = await judge((store) => {
    const input = store.add({ name: 'input', system, env: { stdenv: '/none' } });
    return store.add({ name: 'root', env: { buildInputs: input.out() }, inputs: [input] });
  });
  const source = { file, range: { start: { line: 1, character: 2 }, end: { line: 3, character: 4 } } };
  const report: Report = {
    request: {
      target: {
        kind: 'file',
        file,
        attribute: '',
        arguments: { arg: [], argstr: [], include: [], option: [] },
      },
    },
    evaluatedAs: 'x86_64-darwin',
    graph,
    judgement,
    leaks: judgement.leaks.map((leak) => ({
      ...leak,
      origins: [{ source, text: hostile }],
      cause: 0,
      reason: {
        kind: 'argument',
        message: hostile,
        steps: [{ source, text: hostile, message: hostile }],
      },
      bringsIn: 1,
    })),
    causes: [{ source, text: hostile }],
    observations: [],
    probes: { placed: 0, fired: 0, files: 0 },
    timings: new Map(),
    sources: new Map([[file, `{\n${hostile}\n${hostile}\n}`]]),
  };
  const edits = [{ ...source, newText: hostile }];
  const repairs = report.leaks.map(({ input }) => input);
  return {
    evaluations: [
      {
        label: hostile,
        target: report.request.target,
        evaluateAs: 'x86_64-darwin',
        outcome: {
          kind: 'judged',
          report: applyPolicy(report, {}, noSuppressions),
          known: [],
          fixes: [{ title: hostile, edits, repairs, proof: { kind: 'proven', statement: hostile } }],
          fingerprints: new Map(),
        },
      },
    ],
    dependences: [],
    unusedSuppressions: [],
    isList: true,
  };
}

test('a command for GitHub is one line, and its properties end where they should', () => {
  const range = { file, line: 1, column: 2, endLine: 1, endColumn: 9 };
  assert.equal(
    annotation('error', range, 'a:b,c%\r', '100%\nnext\r, and: more'),
    '::error file=/w/a b/[x](y)%3A#1%2C%25.nix,line=1,endLine=1,col=2,endColumn=9,title=a%3Ab%2Cc%25%0D::100%25%0Anext%0D, and: more',
  );
  assert.match(
    annotation('info', { ...range, endLine: 2 }, 't', 'm'),
    /^::notice [^:]*,line=1,endLine=2,title=t::m$/,
  );
  assert.equal(annotation('warning', undefined, 't', 'm'), '::warning title=t::m');
});

describe('hostile text', () => {
  test('gives one annotation', async () => {
    const lines = resultsGithub(await hostileResults(), context)
      .trimEnd()
      .split('\n');
    assert.equal(lines.filter((line) => line.startsWith('::')).length, 1);
    assert.equal(lines.length, 2);
  });

  test('gives valid SARIF, with a URI that is one', async () => {
    const { runs } = parseSarif(resultsSarif(await hostileResults(), context));
    const found = runs[0]?.results?.[0];
    const uri = found?.locations?.[0]?.physicalLocation?.artifactLocation?.uri ?? '';
    assert.equal(decodeURIComponent(uri), file.slice('/w/'.length));
    assert.match(uri, /^[\w%.()/-]+$/);
    assert.doesNotMatch(found?.message.text ?? '', /\]\(/, 'no link');
  });

  test('leaves the structure of Markdown alone', async () => {
    const text = resultsMarkdown(await hostileResults(), context);
    const outside = text.replace(/^(`{3,})diff\n[^]*?^\1$/gm, '');
    assert.equal(outside.match(/^<\/details>$/gm)?.length, 1);
    assert.equal(outside.match(/^\| /gm)?.length, 3, 'a head, a rule and one row');
    const row = outside.split('\n').find((line) => line.includes('x86_64-darwin |'));
    assert.equal(row?.match(/(?<!\\)\|/g)?.length, 5);
    assert.doesNotMatch(outside, /^-->/m);
  });
});

describe('a system that is no name', () => {
  const system = 'x\n::error::y\n| a | <img src=x>\u001b]0;title\u0007\u202e-darwin';

  test('stays on its line, and no terminal obeys it', async () => {
    const text = resultsText(await hostileResults(system), context);
    assert.doesNotMatch(text, /^(?:::|\|)/m);
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    assert.match(text, /\\u\{1b\}\]0;title/);
  });

  test('leaves the structure of Markdown alone', async () => {
    const text = resultsMarkdown(await hostileResults(system), context);
    assert.doesNotMatch(text, /(?<!\\)<img/);
    assert.equal(text.match(/^\| /gm)?.length, 3);
    assert.doesNotMatch(text, /^::/m);
  });

  test('gives one annotation', async () => {
    const text = resultsGithub(await hostileResults(system), context);
    assert.equal(text.match(/^::/gm)?.length, 1);
  });
});

test('what Nix says keeps its lines, no terminal obeys it, and none of them starts one of ours', () => {
  const message = 'a\n\u001b]0;title\u0007 b';
  assert.equal(errorText({ message }, '/w'), 'error: a\n  | \\u{1b}]0;title\\u{7} b\n');
  assert.equal(annotation('error', undefined, 't', message), '::error title=t::a%0A\\u{1b}]0;title\\u{7} b');
});

test('only what Markdown takes for code stays as it is', () => {
  assert.equal(escapeMarkdown('a `[b]` and ``[c]``'), 'a `[b]` and ``[c]``');
  assert.equal(escapeMarkdown('`[a](b)``'), '\\`\\[a\\](b)\\`\\`');
  assert.equal(escapeMarkdown('``[a](b)`'), '\\`\\`\\[a\\](b)\\`');
});
