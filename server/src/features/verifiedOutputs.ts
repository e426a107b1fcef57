import type { Report } from '../model/report.ts';
import { severities } from '../check/rules.ts';
import { nameOf } from '../model/storePath.ts';
import { stateOfVerification, type FileFinding, type Verification } from '../model/verification.ts';
import { plainPaint } from '../output/paint.ts';
import { verificationVerdict, verificationText } from '../output/verificationText.ts';
import type { OutputFinding, VerifyOutputsResult } from '../protocol.ts';
import { indexOf } from './reportIndex.ts';
import { editorLine } from './editorMessages.ts';

/** What was found in the store, for a client to show. */
export function verifiedOutputs(verification: Verification, report: Report): VerifyOutputsResult {
  const findings = verification.paths.flatMap(({ findings: all, drvPath }) => {
    const path = pathTo(drvPath, report);
    return all.map((finding) => findingOf(finding, path));
  });
  findings.sort((one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity));
  return {
    state: stateOfVerification(verification),
    summary: editorLine(verificationVerdict(verification)),
    text: verificationText(verification, plainPaint),
    findings,
  };
}

function findingOf(
  { severity, storePath, file, found, expected }: FileFinding,
  path: readonly string[],
): OutputFinding {
  return {
    severity,
    label: editorLine(file === '' ? nameOf(storePath) : file),
    description: editorLine(`${found}, expected ${expected}`),
    storePath,
    path,
  };
}

/** From the root to a derivation, both included. */
function pathTo(drvPath: string | undefined, report: Report): readonly string[] {
  const { graph } = report;
  const id = drvPath === undefined ? undefined : graph.findByDrvPath(drvPath);
  if (id === undefined) return [];
  return indexOf(report)
    .pathTo(id)
    .map((step) => graph.derivation(step).drvPath);
}
