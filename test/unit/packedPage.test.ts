import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { packedPage } from '../../scripts/support/packedPage.mjs';

const text = `[rules](docs/rules.md#allow), ![a picture](media/a.png), [an example](example/a.nix), [x](LICENSE)
[web](https://example.org/a.md) [here](#here)

\`\`\`md
[rules](docs/rules.md)
\`\`\`
`;

describe('a page in a package', () => {
  const packed = new Map([
    ['README.md', 'readme.md'],
    ['docs/rules.md', 'docs/rules.md'],
    ['LICENSE', 'LICENSE.txt'],
  ]);

  test('links to files of the package, and only names what is not in it', () => {
    assert.equal(
      packedPage('README.md', text, { packed }),
      `[rules](docs/rules.md#allow), , an example, [x](LICENSE.txt)
[web](https://example.org/a.md) [here](#here)

\`\`\`md
[rules](docs/rules.md)
\`\`\`
`,
    );
    assert.equal(
      packedPage('docs/rules.md', '[up](../README.md#in-ci)', { packed }),
      '[up](../readme.md#in-ci)',
    );
  });

  test('links to the repository where it is known', () => {
    const repository = 'git+https://github.com/owner/name.git';
    const published = packedPage('README.md', text, { packed, repository });
    assert.match(
      published,
      /\[rules\]\(https:\/\/github\.com\/owner\/name\/blob\/HEAD\/docs\/rules\.md#allow\)/,
    );
    assert.match(
      published,
      /!\[a picture\]\(https:\/\/raw\.githubusercontent\.com\/owner\/name\/HEAD\/media\/a\.png\)/,
    );
    assert.match(
      published,
      /\[an example\]\(https:\/\/github\.com\/owner\/name\/blob\/HEAD\/example\/a\.nix\)/,
    );
    assert.match(published, /^\[rules\]\(docs\/rules\.md\)$/m, 'code stays as it is');
    const deep = packedPage('docs/rules.md', '[up](../README.md)', { packed, repository });
    assert.equal(deep, '[up](https://github.com/owner/name/blob/HEAD/README.md)');
  });
});
