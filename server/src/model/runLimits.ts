/** What a run lets Nix use. */
export interface RunLimits {
  /** Over the whole run. */
  readonly timeoutMs: number;
  /** Of all processes of the run together. */
  readonly memoryLimitMiB: number;
  readonly allowImportFromDerivation: boolean;
  /** `none` where it is left out. */
  readonly network?: 'none' | 'allowed';
}
