import assert from 'node:assert/strict';
import { applyEdits } from '../../server/src/fixes/applyEdits.ts';
import type { EvaluationRequest } from '../../server/src/model/target.ts';
import { fixesOf } from './fixes.ts';
import { expectReport, openWorkspace, type Workspace } from './workspace.ts';

/** A binding of `pkgs`, cross-compiled, with packages that are not the same for every platform. */
export const cross = `pkgs = import set {
    system = "x86_64-linux"; crossSystem = "aarch64-linux";
    overlays = [ (final: prev: {
      python = prev.stdenv.mkDerivation { name = "python-2.7"; };
      python3 = prev.stdenv.mkDerivation { name = "python-3.8"; };
      special = prev.stdenv.mkDerivation { name = if prev.stdenv.hostPlatform.system == "x86_64-linux" then "special-2" else "special-1"; };
      native = if prev.stdenv.hostPlatform.system == "x86_64-linux" then prev.stdenv.mkDerivation { name = "native"; } else throw "it runs on x86_64-linux only";
      curl = prev.stdenv.mkDerivation { name = "curl"; nativeBuildInputs = [ prev.hello ]; };
      environment = packages: prev.symlinkJoin { name = "environment"; paths = builtins.filter (one: one.runsOn or "" == prev.stdenv.hostPlatform.system) packages; };
      tool = prev.stdenv.mkDerivation { name = "tool"; passthru.runsOn = prev.stdenv.hostPlatform.system; };
      pkgconfig = prev.stdenv.mkDerivation { name = (if prev.stdenv.targetPlatform.system == prev.stdenv.hostPlatform.system then "pkg-config-wrapper" else "aarch64-unknown-linux-gnu-pkg-config-wrapper");
        passthru.targetPrefix = if prev.stdenv.targetPlatform.system == prev.stdenv.hostPlatform.system then "" else "aarch64-unknown-linux-gnu-";
      };
    }) ];
  };`;

/**
 * The lines of a workspace that its proven repairs change, each repair's as they are then.
 *
 * @param leaks how many inputs have to be wrong before
 */
export async function provenLines(
  files: Workspace['files'],
  leaks = 1,
  wish: Partial<EvaluationRequest> = {},
): Promise<string[][]> {
  await using open = await openWorkspace({ files });
  const report = expectReport(await open.evaluator.run({ ...open.request, ...wish }, open.options));
  assert.equal(report.leaks.filter(({ severity }) => severity !== 'info').length, leaks);
  const fixes = await fixesOf(report, open);
  return fixes
    .filter(({ proof }) => proof.kind === 'proven')
    .map(({ edits }) =>
      [...applyEdits(edits, report.sources)].flatMap(([file, text]) => {
        const old = report.sources.get(file)?.split('\n') ?? [];
        return text.split('\n').filter((line, index) => line !== old[index]);
      }),
    );
}
