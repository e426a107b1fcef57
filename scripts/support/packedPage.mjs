import { posix } from 'node:path';

/**
 * A page of Markdown for a package: its links to other files of the repository
 * lead to the repository's own page, where that is known, for neither npm's
 * site nor VS Code's page of an extension opens a file of the package. Else
 * they lead to files of the package, and what is not in it is named only.
 *
 * @param {string} file the page's path in the repository
 * @param {string} text
 * @param {{ readonly packed: ReadonlyMap<string, string>; readonly repository?: string | undefined }} where
 *   `packed`: files of the package by their path in the repository; `repository`: as npm writes it
 */
export function packedPage(file, text, { packed, repository }) {
  const address = githubProject(repository);
  return outsideCode(text, (part) =>
    part.replace(/(!?)\[((?:[^\]\\]|\\.)*)\]\(([^()\s]+)\)/g, (link, image, label, target) => {
      if (/^(?:[a-z]+:|#)/i.test(target)) return link;
      const [path = '', anchor] = target.split('#');
      const wanted = posix.join(posix.dirname(file), path);
      const behind = anchor === undefined ? '' : `#${anchor}`;
      if (address !== undefined) {
        const base =
          image === ''
            ? `https://github.com/${address}/blob`
            : `https://raw.githubusercontent.com/${address}`;
        return `${image}[${label}](${base}/HEAD/${wanted}${behind})`;
      }
      const there = packed.get(wanted);
      if (there === undefined) return image === '' ? label : '';
      return `${image}[${label}](${posix.relative(posix.dirname(packed.get(file) ?? file), there)}${behind})`;
    }),
  );
}

/** @returns {string | undefined} `OWNER/REPOSITORY` of GitHub, or undefined if it is kept elsewhere */
function githubProject(repository = '') {
  return /^(?:git\+)?https:\/\/github\.com\/([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(repository)?.[1];
}

/**
 * @param {string} text
 * @param {(part: string) => string} change
 */
function outsideCode(text, change) {
  return text
    .split(/(^```[^]*?^```$)/m)
    .map((part, at) => (at % 2 === 0 ? change(part) : part))
    .join('');
}
