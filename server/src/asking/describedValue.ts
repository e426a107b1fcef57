import * as z from 'zod';
import { captured } from './functionNames.ts';

/** What a value is, as far as it can be told without looking deeply into it. */
export const describedValue = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('derivation'),
    name: z.string(),
    /** Empty where it does not say. */
    system: z.string(),
    /** The host platform's system, as its `stdenv` names it; empty where it has none. */
    host: z.string(),
  }),
  z.object({ kind: z.literal('package-set'), build: z.string(), host: z.string(), target: z.string() }),
  z.object({ kind: z.literal('set'), size: z.number(), names: z.array(z.string()) }),
  z.object({ kind: z.literal('function'), formals: z.array(z.string()) }),
  z.object({ kind: z.literal('list'), length: z.number() }),
  /** A string, path, number or boolean; shortened. */
  z.object({ kind: z.literal('text'), type: z.string(), text: z.string() }),
]);

export type DescribedValue = z.output<typeof describedValue>;

/** A function from a value to its description, in Nix; `builtins` cannot be bound anew where it stands. */
export const describeFunction = `(
  value:
    let
      inherit (builtins) attrNames elemAt functionArgs genList isAttrs isBool isFunction isList isString length
        stringLength substring toString tryEval typeOf unsafeDiscardStringContext;
      text = value: if isString value then unsafeDiscardStringContext value else "";
      guarded = value: let asked = tryEval (text value); in if asked.success then asked.value else "";
      short = value: if stringLength value > 200 then substring 0 200 value + "…" else value;
      take = number: list: genList (elemAt list) (if length list < number then length list else number);
      platform = set: name: guarded (set.stdenv.\${name}.system or set.stdenv.system or "");
    in
    if isAttrs value then
      if value ? drvPath || value.type or "" == "derivation" then {
        kind = "derivation";
        name = guarded (value.name or "");
        system = guarded (value.drvAttrs.system or value.system or "");
        host = platform value "hostPlatform";
      }
      else if value ? stdenv && value ? callPackage then {
        kind = "package-set";
        build = platform value "buildPlatform";
        host = platform value "hostPlatform";
        target = platform value "targetPlatform";
      }
      else let names = attrNames (removeAttrs value [ "${captured}" ]); in { kind = "set"; size = length names; names = take 12 names; }
    else if isFunction value then { kind = "function"; formals = take 24 (attrNames (functionArgs value)); }
    else if isList value then { kind = "list"; length = length value; }
    else {
      kind = "text";
      type = typeOf value;
      text =
        if isString value then short (text value)
        else if isBool value then (if value then "true" else "false")
        else if value == null then "null"
        else toString value;
    }
)`;
