/** Environment in which curl finds nobody to talk to, git uses local repositories only, and nothing is substituted. */
export function withoutNetwork(): Record<string, string> {
  const nowhere = 'http://127.0.0.1:9';
  const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'HTTPS_PROXY', 'ALL_PROXY'];
  return {
    ...Object.fromEntries(proxies.map((name) => [name, nowhere])),
    no_proxy: '',
    NO_PROXY: '',
    GIT_ALLOW_PROTOCOL: 'file',
    NIX_CONFIG: `${process.env['NIX_CONFIG'] ?? ''}\nsubstitute = false\ndownload-attempts = 1\n`,
  };
}
