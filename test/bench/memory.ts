import { readFileSync } from 'node:fs';
import { printRow } from '../support/benchmark.ts';
import { largeWorkspace } from '../support/largeWorkspace.ts';
import { Editor } from '../server/support/editor.ts';

/** Mebibytes that a process has in memory, as Linux counts them. */
function residentMiB(pid: number | undefined): number {
  const [, kibibytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8')) ?? [];
  if (kibibytes === undefined) throw new Error('This system does not say how much memory a process has.');
  return Number(kibibytes) / 1024;
}

using workspace = largeWorkspace();
const open = workspace.names.slice(0, 10);
await using editor = await Editor.start({
  root: workspace.path,
  settings: { targets: [{ file: 'default.nix' }] },
});
for (const name of open) await editor.open(workspace.file(name));
await editor.evaluated();
await editor.settled();
const opened = residentMiB(editor.process.pid);
const rounds = 3;
for (let round = 0; round < rounds; round++) {
  for (const name of open.slice(1)) {
    const file = workspace.file(name);
    await editor.type(file, 'library (', ' ');
    await editor.hover(file, 'tool ]', 1);
    await editor.inlayHints(file);
  }
  const since = editor.statuses.length;
  for (const name of open.slice(1)) await editor.save(workspace.file(name));
  await editor.evaluated(since);
}
await editor.settled();
const used = residentMiB(editor.process.pid);
const peak = Math.max(opened, used);
printRow({
  subject: `memory of the server: ${workspace.names.length} files, a closure of ${workspace.derivations.toLocaleString('en')} derivations`,
  measured: `${Math.round(used)} MiB after edits, hovers and ${rounds} more evaluations`,
  reference: `${Math.round(opened)} MiB after the first evaluation`,
  goal: '≤ 250 MB',
  met: (peak * 1024 * 1024) / 1e6 <= 250,
});
