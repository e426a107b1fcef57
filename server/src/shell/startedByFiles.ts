import type { ScriptUse } from '../model/judgement.ts';
import { ShownLines } from './buildUses.ts';
import type { PathInStore, WantedPaths } from './wantedPaths.ts';

/** Commands of a unit of systemd (`systemd.service(5)`); some characters before a program say how it is started. */
const unitCommand = /^\s*Exec(?:Condition|Reload|Start|Stop)(?:Pre|Post)?\s*=\s*[-@:+!|]*(.*)$/;
/** Where a unit has its programs looked up (`systemd.exec(5)`). */
const unitPath = /^\s*Environment\s*=.*?\bPATH=(.*)$/;
/** Desktop entry specification, "The Exec key"; D-Bus specification, "Message Bus Starting Services". */
const entryCommand = /^\s*(?:Try)?Exec\s*=\s*"?(.*)$/;
const entrySection = /^\s*\[(?:Desktop (?:Entry|Action\b.*)|D-BUS Service)\]\s*$/;
/** `udev(7)`. */
const ruleCommand = /\b(?:RUN|PROGRAM|IMPORT)(?:\{program\})?\s*(?:\+=|==|:=|=)\s*"([^"]*)"/g;
/** `crontab(5)`: five fields of time, or a word in their place. */
const tableCommand = /^\s*(?:@\w+|(?:[\d*][\d*/,-]*\s+){3}(?:[\w*/,-]+\s+){2})(.*)$/;

/** A line that has a wanted path started. */
interface StartedPath extends ScriptUse {
  readonly path: PathInStore;
}

/**
 * Finds wanted paths that a file has started which is no script: a unit of
 * systemd, a desktop entry, a service of D-Bus, a rule of udev, a table of cron.
 */
export function findUsesByStarters(text: string, variable: string, wanted: WantedPaths): StartedPath[] {
  if (!wanted.isIn(text)) return [];
  const shown = new ShownLines(text);
  const uses: StartedPath[] = [];
  let inEntry = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*\[.*\]\s*$/.test(line)) inEntry = entrySection.test(line);
    if (/^\s*[#;]/.test(line) || !wanted.isIn(line)) continue;
    const found = commandsIn(line, inEntry).flatMap((command) => programsIn(command, wanted));
    for (const path of found) uses.push({ path, variable, line: index + 1, text: shown.at(index + 1) });
  }
  return uses;
}

/** What a line has started, each from the program on. */
function commandsIn(line: string, inEntry: boolean): string[] {
  const patterns = [unitCommand, unitPath, tableCommand, ...(inEntry ? [entryCommand] : [])];
  const whole = patterns.flatMap((pattern) => pattern.exec(line)?.[1] ?? []);
  return [...whole, ...[...line.matchAll(ruleCommand)].map(([, command = '']) => command)];
}

/** The program of a command, which may be a whole output, and programs among its arguments. */
function programsIn(command: string, wanted: WantedPaths): PathInStore[] {
  const first = wanted.atStartOf(command.trim());
  const named = wanted.allIn(command).filter(({ inner }) => /^\/(?:s?bin|libexec)(?:\/|$)/.test(inner));
  return first?.inner === '' ? [first, ...named] : named;
}
