import * as z from 'zod';

import type { EvaluationTarget } from '../model/target.ts';

const pairs = z.array(z.tuple([z.string(), z.string()]));

const evaluationArguments = z.object({
  arg: pairs,
  argstr: pairs,
  include: z.array(z.string()),
  option: pairs,
});

/** Reads an evaluation target back from what was stored of it. */
export const targetSchema: z.ZodType<EvaluationTarget> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    file: z.string(),
    attribute: z.string(),
    arguments: evaluationArguments,
  }),
  z.object({
    kind: z.literal('flake'),
    flake: z.string(),
    attribute: z.string(),
    arguments: evaluationArguments,
  }),
  z.object({
    kind: z.literal('expression'),
    expression: z.string(),
    directory: z.string(),
    attribute: z.string(),
    arguments: evaluationArguments,
  }),
  z.object({
    kind: z.literal('composed'),
    composition: z.enum(['call-package', 'nixos', 'nixops', 'colmena', 'home-manager', 'darwin']),
    file: z.string(),
    member: z.string(),
    packageSet: z.string(),
    source: z.string().exactOptional(),
    arguments: evaluationArguments,
  }),
  z.object({ kind: z.literal('derivation'), drvPath: z.string() }),
]);
