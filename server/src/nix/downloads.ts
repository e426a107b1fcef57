import type { NixFailure } from './failure.ts';

/** What Nix, curl and git say where they may not reach the network, by version and by what was to be fetched. */
const wordsOfDownloads =
  /unable to download|could(?:n't| not) (?:resolve|connect)|transport '[^']*' not allowed|cannot find git revision|program '(?:git|hg|ssh)' failed|\bhg failed with exit|failed to fetch|unable to access|network is unreachable|temporary failure in name resolution|connection refused/i;

/** A store's daemon is of this machine, and nothing to be downloaded. */
const wordsOfDaemons = /cannot connect to (?:socket|daemon)|connection to remote store '(?:daemon|unix:)/i;

const urlPattern = /(?:https?|ftp|s3|ssh|git|github|gitlab|sourcehut|tarball|hg)(?:\+[a-z]+)?:[^\s'"‘’]+/i;

/** Something that Nix would have had to download. */
export interface Download {
  /** From where; undefined where Nix does not say. */
  readonly url?: string;
}

/** Whether a run failed because it was kept from the network, and what it wanted there; undefined for other failures. */
export function neededDownload({ reason, isOffline, errors, stderrTail }: NixFailure): Download | undefined {
  if (!isOffline || reason !== 'evaluation') return undefined;
  const texts = [
    ...errors.map(({ message }) => message),
    ...errors.map(({ fullText }) => fullText),
    stderrTail,
  ];
  const telling = texts.filter((text) => wordsOfDownloads.test(text) && !wordsOfDaemons.test(text));
  if (telling.length === 0) return undefined;
  const url = telling.map((text) => urlAt(text)).find((found) => found !== undefined);
  return url === undefined ? {} : { url };
}

/** From where the run was fetching something when it failed, by the step that Nix tells (`fetchers.cc`). */
export function urlBeingFetched({ errors }: NixFailure): string | undefined {
  for (const { trace } of errors)
    for (const { message } of trace) {
      const url = /^while fetching the input '([^']+)'/.exec(message)?.[1];
      if (url !== undefined) return url;
    }
  return undefined;
}

/** The URL that follows the words. */
function urlAt(text: string): string | undefined {
  const start = wordsOfDownloads.exec(text)?.index ?? 0;
  const [url] = urlPattern.exec(text.slice(start)) ?? urlPattern.exec(text) ?? [];
  return url?.replace(/(?<![.,;:)])[.,;:)]+$/, '');
}
