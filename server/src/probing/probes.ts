import type { ObservedForm, PackageSetPlatforms } from '../model/observation.ts';
import { nixString } from '../nix/nixString.ts';
import type { Expression, Span, Variable, With } from '../syntax/ast.ts';

/**
 * How much is asked of a probed evaluation. Where it does not give the root of
 * the plain one, the next level is tried; after the last one only the plain
 * evaluation is left.
 * - `full`: values, the package sets that they come from, shadowed `with`s;
 *   every path that may be code leads to its probed copy;
 * - `imports`: the same, but only paths that are plainly imported lead to
 *   copies, so that a path that is data keeps its hash; of a shadowed `with` is
 *   asked only whether it has the name, since its value may not evaluate;
 * - `values`: as before, and nothing but values is asked.
 */
export const probeLevels = ['full', 'imports', 'values'] as const;
export type ProbeLevel = (typeof probeLevels)[number];

/** An expression of the workspace that reports its value when a derivation of it is used. */
export interface Probe {
  /** Unique among those of its file. */
  readonly id: number;
  /** Absolute path of the workspace's file. */
  readonly file: string;
  readonly span: Span;
  readonly form: ObservedForm;
  /** The expression that the value is selected from. */
  readonly base?: Expression;
  /** Set where the expression is but a name. */
  readonly self?: Variable;
  /** For a name that a `with` gives: the candidates, innermost first. For a lexical one: those that lose. */
  readonly withs?: readonly With[];
}

/** In the place of a probe's id, where a file reports that it was read. */
export const readId = 999_999_999;

/** One report of a probe, decoded. */
export interface ProbeReport {
  /** See {@link probeKey}. */
  readonly key: string;
  /** A .drv path or an output path; `set` where the expression is itself a package set; `used` for a default; `read` for a file. */
  readonly storePath: string;
  /** It is what was made of the value by `override` and its like. */
  readonly isMade?: true;
  /** Platforms of the `stdenv` that the derivation was made with; absent where it has none that names them. */
  readonly stdenv?: PackageSetPlatforms;
  /** Platforms of the package set, empty where it is none or does not name them. */
  readonly buildSystem: string;
  readonly hostSystem: string;
  readonly targetSystem: string;
  /** Which of the probe's `withs` gave the name; -1 for none. */
  readonly withIndex: number;
  /** For each losing `with`: undefined where it lacks the name, else the host system of its value ('' if unknown). */
  readonly shadowed: readonly (string | undefined)[];
}

/** Names a probe among all of a run, by the number of its file and its own. */
export function probeKey(fileNumber: number, id: number): string {
  return `${fileNumber}.${id}`;
}

/** The name under which an instrumented file knows the probe library: one that the file itself does not have. */
export function probeNameFor(text: string): string {
  let name = '__npl';
  while (text.includes(name)) name += '_';
  return name;
}

/**
 * The Nix side of the probes. It never forces what the program would not force
 * at that moment: a value is looked at when it is demanded anyway, a derivation
 * reports only when its `drvPath` or `outPath` (or those of an output) is
 * demanded, and the package set is asked only after that path is computed. A
 * package set that is a value of its own reports when its `stdenv` is demanded
 * from there, or a derivation that its `callPackage` makes. A string that is a path of one derivation's output, such
 * as `stdenv.shell`, reports that derivation at once. What `override` and its like make of a
 * derivation reports as made of it. The one exception
 * is the value of a name in a `with` that loses: the program may never ask for
 * it, so it is asked only at the level `full`.
 *
 * `k` imports a package set that is called with nothing but constants and names
 * of systems as a file of its own, which a Nix that stays evaluates once: the same
 * file with the same arguments is the same value. `m` is `import` for such a Nix,
 * and `n` what it takes for the inputs of a flake.
 *
 * It is a function of the file's number, as a string.
 *
 * @param nonce starts every report, so that the program's own traces are told apart
 * @param originals directory of the workspace's files
 * @param copies directory of the instrumented copies
 * @param sharing an expression of what `m` and `n` are
 */
export function probeLibrary(
  nonce: string,
  originals: string,
  copies: string,
  level: ProbeLevel,
  sharing = '{ file = import; inputs = given: given; }',
): string {
  const ownSet =
    level === 'values'
      ? 'value'
      : 'if value ? stdenv && value ? callPackage then watchSet id value else value';
  // What `derivation` was called with: a package's `stdenv` attribute may be another one.
  const ownPlatforms = level === 'values' ? '""' : '(platformsOf (value.drvAttrs.stdenv or null))';
  const hostOfLoser = level === 'full' ? `hostOf w.\${name}` : '""';
  return `file: let
  inherit (builtins) isAttrs isString mapAttrs intersectAttrs tryEval trace seq typeOf stringLength substring pathExists;
  start = ${nixString(nonce + '|')} + file + ".";
  sharing = ${sharing};
  originals = ${nixString(originals)};
  copies = ${nixString(copies)};
  plain = path: builtins.unsafeDiscardStringContext (toString path);
  parts = {
    out = null; dev = null; bin = null; lib = null; man = null; doc = null; info = null; static = null;
    devdoc = null; debug = null; python = null; data = null; dist = null; nativeDrv = null; crossDrv = null;
  };
  say = id: extra: value: path:
    seq path (trace (start + toString id + "|" + plain path + "|" + ${ownPlatforms} + extra) path);
  isDerivation = value: isAttrs value && value ? drvPath && value ? outPath;
  sayMade = id: value: path: seq path (trace (start + toString id + "|made:" + plain path) path);
  making = { override = null; overrideAttrs = null; overrideDerivation = null; };
  remake = made: make:
    if isAttrs make && make ? __functor then make // { __functor = self: given: wrap made made (make given); }
    else if builtins.isFunction make && builtins.functionArgs make == { } then given: wrap made made (make given)
    else make;
  wrap = note: made: value:
    if isDerivation value then
      value // mapAttrs (name: wrap note made) (intersectAttrs parts value)
        // mapAttrs (name: remake made) (intersectAttrs making value)
        // (if value ? __spliced then { __spliced = mapAttrs (slot: wrap note made) value.__spliced; } else { })
        // { drvPath = note value value.drvPath; outPath = note value value.outPath; }
    else value;
  watch = id: extra: value:
    if isString value then (if isPath value then sayPath id extra value else value)
    else if !(isAttrs value) then value
    else if isDerivation value then wrap (say id extra) (sayMade id) value
    else ${ownSet};
  isPath = value:
    stringLength value < 400 && substring 0 (stringLength builtins.storeDir + 1) value == builtins.storeDir + "/"
      && builtins.match "[^ \\t\\n:]*" value != null;
  sayPath = id: extra: value:
    let
      context = builtins.getContext value;
      paths = builtins.attrNames context;
      path = builtins.head paths;
    in
    if builtins.length paths == 1 && context.\${path} ? outputs then
      trace (start + toString id + "|" + path + "|" + extra) value
    else value;
  watchSet = id: set:
    let
      said = trace (start + toString id + "|set||" + platforms set) null;
      after = value: path: seq path (seq said path);
    in set // {
      stdenv = after null set.stdenv;
      callPackage = file: given: wrap after after (set.callPackage file given);
    };
  text = value: if isString value then plain value else "";
  platforms = set:
    let
      asked = tryEval (
        if isAttrs set && set ? stdenv && !(set ? drvPath) then
          text (set.stdenv.buildPlatform.system or set.stdenv.system or "")
            + "|" + text (set.stdenv.hostPlatform.system or set.stdenv.system or "")
            + "|" + text (set.stdenv.targetPlatform.system or "")
        else "||"
      );
    in if asked.success then asked.value else "||";
  platformsOf = stdenv:
    let
      asked = tryEval (
        if stdenv ? hostPlatform.system then
          text (stdenv.buildPlatform.system or "") + " " + text stdenv.hostPlatform.system
            + " " + text (stdenv.targetPlatform.system or "")
        else ""
      );
    in if asked.success then asked.value else "";
  hostOf = value:
    let
      asked = tryEval (
        if !(isAttrs value) then ""
        else text (value.stdenv.hostPlatform.system or value.system or "")
      );
    in if asked.success then asked.value else "";
  firstWith = name: withs: at:
    if withs == [ ] then { index = -1; set = null; }
    else if builtins.head withs ? \${name} then { index = at; set = builtins.head withs; }
    else firstWith name (builtins.tail withs) (at + 1);
  endsIn = suffix: s:
    let n = stringLength s; m = stringLength suffix;
    in n >= m && substring (n - m) m s == suffix;
  redirect = directories: value:
    let
      s = plain value;
      n = stringLength originals;
      rest = substring n (stringLength s) s;
      copy = copies + rest;
    in
    if (typeOf value == "path" || isString value) && substring 0 n s == originals
      && (if endsIn ".nix" rest then pathExists (/. + copy) else directories && pathExists (/. + (copy + "/default.nix")))
    then /. + copy
    else value;
in {
  v = id: value: watch id "" value;
  s = id: set: value: watch id ("|" + platforms set) value;
  w = id: name: withs: value:
    watch id (let found = firstWith name withs 0; in "|" + platforms found.set + "|" + toString found.index) value;
  h = id: name: withs: set: value:
    watch id (
      "|" + platforms set + "|-1|"
        + builtins.concatStringsSep "," (map (w: if w ? \${name} then "+" + ${hostOfLoser} else "-") withs)
    ) value;
  f = value: trace (start + "${readId}|read") value;
  u = id: value: trace (start + toString id + "|used") value;
  p = redirect ${String(level === 'full')};
  i = redirect true;
  m = sharing.file;
  n = sharing.inputs;
  k = dynamic: constant: file: given:
    let
      path = if isAttrs file && file ? outPath then file.outPath else file;
      s = plain path;
      isPlain = typeOf path == "path"
        || isString path && builtins.all (of: !(of ? outputs)) (builtins.attrValues (builtins.getContext path));
      isName = value: isString value && builtins.match "[A-Za-z0-9_.-]+" value != null;
      asked = tryEval (
        isPlain && builtins.match "/[A-Za-z0-9_.+=/-]+" s != null
          && substring 0 (stringLength copies) s != copies
          && builtins.all (name: isName given.\${name}) dynamic
      );
      bound = name: "\${name} = \\"\${given.\${name}}\\"; ";
    in
    if asked.success && asked.value then
      import (builtins.toFile "package-set.nix"
        "import \${s} { \${constant} \${builtins.concatStringsSep "" (map bound dynamic)}}\n")
    else import file given;
}
`;
}

/**
 * Decodes one trace. The separator is a character that neither store paths nor
 * systems have, and that Nix prints as it is (it expands tabs).
 *
 * The nonce tells reports from the program's own traces. A program that looks
 * for the library, whose folder it can list, can say whatever a probe can: so
 * only what has the form of a report is taken, and nobody takes a report for
 * more than a hint. What is in the closure, and how its derivations are built,
 * comes from the plain evaluation alone.
 *
 * @returns undefined when the trace is the program's own, or no probe would say it
 */
export function decodeProbeReport(trace: string, nonce: string): ProbeReport | undefined {
  if (!trace.startsWith(nonce + '|')) return undefined;
  const [key, storePath, own, buildSystem, hostSystem, targetSystem, withIndex, shadowed] = trace
    .slice(nonce.length + 1)
    .split('|');
  if (key === undefined || storePath === undefined || !/^\d+\.\d+$/.test(key)) return undefined;
  const path = /^(?:set|used|read|(?:made:)?(\/[\w+.?=/-]{1,400}))$/.exec(storePath);
  if (!path) return undefined;
  const systems = [...(own ?? '').split(' '), buildSystem, hostSystem, targetSystem];
  if (!systems.every((system) => system === undefined || /^[\w.+-]{0,100}$/.test(system))) return undefined;
  if (!/^(?:-1|\d{1,9})?$/.test(withIndex ?? '')) return undefined;
  return {
    key,
    storePath: path[1] ?? storePath,
    ...(storePath.startsWith('made:') && { isMade: true }),
    ...(own ? { stdenv: platformsIn(own) } : {}),
    buildSystem: buildSystem ?? '',
    hostSystem: hostSystem ?? '',
    targetSystem: targetSystem ?? '',
    withIndex: withIndex === undefined || withIndex === '' ? -1 : Number(withIndex),
    shadowed: shadowed
      ? shadowed.split(',').map((entry) => (entry.startsWith('+') ? entry.slice(1) : undefined))
      : [],
  };
}

function platformsIn(text: string): PackageSetPlatforms {
  const [build = '', host = '', target = ''] = text.split(' ');
  return { build, host, target };
}
