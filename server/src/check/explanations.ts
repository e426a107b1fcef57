import type { Derivation, EdgeRole } from '../model/derivation.ts';
import type { RuleId, Severity } from '../model/judgement.ts';
import type { NeededAt, Party } from './party.ts';

/** An edge in the role in which it breaks a rule. */
export interface BrokenRole {
  readonly role: EdgeRole;
  readonly place: NeededAt;
  readonly rule: RuleId;
  readonly severity: Severity;
}

/** Why an edge breaks a rule, in one sentence. */
export function explain(user: Party, used: Party, { role, place, rule, severity }: BrokenRole): string {
  const what = `${used.derivation.name} is built ${platformsOf(used)}`;
  const need = needOf(user, role, place);
  if (rule === 'emulation') return `${what} and ${need}, where it runs by an emulator only`;
  if (severity === 'info') {
    return `${what} and ${need}, but it is only a setup hook: it is sourced and never executed`;
  }
  if (severity === 'error' && user.native && used.native && used.build !== user.build) {
    return `${what}, but ${user.derivation.name} is built on and for ${user.build}`;
  }
  return `${what}, but ${need}`;
}

/** Why a fixed-output input is worth a note. */
export function explainFixedOutput(user: Party, input: Derivation): string {
  return (
    `${input.name} has the same content on every system, but where it is not substituted it needs ` +
    `a builder for ${input.system}, and ${user.derivation.name} is built on ${user.build}`
  );
}

function platformsOf({ native, build, host }: Party): string {
  return native || host === undefined ? `for ${build}` : `on ${build} for ${host}`;
}

function needOf(user: Party, role: EdgeRole, place: NeededAt): string {
  const { name } = user.derivation;
  const host = user.host ?? user.build;
  switch (place) {
    case 'build':
      return `${name} needs it (${role}) while it is built on ${user.build}`;
    case 'host':
      return `${name} needs it (${role}) where it runs, on ${host}`;
    case 'target':
      return `${name} needs it (${role}) for what it makes${user.target === undefined ? '' : `, which runs on ${user.target}`}`;
    case 'either':
      return `${name}, which refers to it, is built on ${user.build} for ${host}`;
  }
}
