/** Nobody listens there: what is sent to it fails at once. */
const nowhere = 'http://127.0.0.1:9';

/**
 * The environment in which Nix, curl and git do not even try to reach the
 * network: curl is sent to nobody, git may use local repositories only, nothing
 * is substituted, and what was downloaded once is good for ever. It is a wall
 * of good will: a program may ignore it, for which there is
 * {@link findNetworkWall}. It is needed behind that one, too: a lookup of a
 * name could leave by the socket of a resolver's daemon, and Nix would try again
 * and again.
 */
export function offlineSettings(environment: NodeJS.ProcessEnv): Record<string, string> {
  const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy'];
  return {
    ...Object.fromEntries(
      proxies.flatMap((name) => [name, name.toUpperCase()]).map((name) => [name, nowhere]),
    ),
    no_proxy: '',
    NO_PROXY: '',
    GIT_ALLOW_PROTOCOL: 'file',
    NIX_SSHOPTS: '-o ProxyCommand=false',
    NIX_CONFIG: [
      environment['NIX_CONFIG'] ?? '',
      'substitute = false',
      'download-attempts = 1',
      // Seconds: what is in Nix's cache is not asked for again.
      'tarball-ttl = 2147483647',
      '',
    ].join('\n'),
  };
}
