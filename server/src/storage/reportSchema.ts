import * as z from 'zod';

import type {
  AttributedLeak,
  Cause,
  CauseStep,
  Origin,
  ProbeStatistics,
  Reason,
  Report,
} from '../model/report.ts';
import type { JudgementContext } from '../model/judgementContext.ts';
import { refusalStyles, type BuildConfiguration, type BuildMachine } from '../model/buildConfiguration.ts';
import { edgeRoles } from '../model/derivation.ts';
import { ruleIds, type CrossingEdge, type DerivationFault, type ScriptUse } from '../model/judgement.ts';
import type { SourceRange } from '../model/location.ts';
import type { Observation, ObservedPackageSet } from '../model/observation.ts';
import type { EvaluationRequest } from '../model/target.ts';
import { graphPartSchema, graphTablesSchema } from './graphCodec.ts';
import { targetSchema } from './targetSchema.ts';

const index = z.int().nonnegative();
const position = z.object({ line: index, character: index });
const sourceRange: z.ZodType<SourceRange> = z.object({
  file: z.string(),
  range: z.object({ start: position, end: position }),
});
const severity = z.enum(['error', 'warning', 'info']);
const rule = z.enum(ruleIds);

/** A schema for each property, the optional ones included: zod leaves out what it has no schema for. */
type EveryProperty<Value> = Record<keyof Value, z.ZodType>;

const scriptUse: z.ZodType<ScriptUse> = z.object({
  variable: z.string(),
  line: index,
  text: z.string(),
  times: index.exactOptional(),
  word: z.string().exactOptional(),
  isHandedOn: z.literal(true).exactOptional(),
} satisfies EveryProperty<ScriptUse>);

const edge: z.ZodType<CrossingEdge> = z.object({
  consumer: index,
  input: index,
  roles: z.array(z.enum(edgeRoles)),
  rule,
  severity,
  needs: z.array(z.string()),
  runsOn: z.string(),
  explanation: z.string(),
  scriptUses: z.array(scriptUse).exactOptional(),
} satisfies EveryProperty<CrossingEdge>);

const fault: z.ZodType<DerivationFault> = z.object({
  derivation: index,
  rule,
  severity,
  needs: z.array(z.string()),
  runsOn: z.string(),
  scriptUses: z.array(scriptUse).exactOptional(),
  explanation: z.string(),
} satisfies EveryProperty<DerivationFault>);

const origin: z.ZodType<Origin> = z.object({
  source: sourceRange,
  text: z.string(),
  isScript: z.literal(true).exactOptional(),
  marked: sourceRange.exactOptional(),
  through: z.string().exactOptional(),
} satisfies EveryProperty<Origin>);

const causeStep: z.ZodType<CauseStep> = z.object({
  source: sourceRange,
  text: z.string(),
  message: z.string(),
} satisfies EveryProperty<CauseStep>);

const cause: z.ZodType<Cause> = z.object({
  source: sourceRange.exactOptional(),
  text: z.string().exactOptional(),
} satisfies EveryProperty<Cause>);

const reason: z.ZodType<Reason> = z.object({
  kind: z.enum([
    'package-set-without-system',
    'shadowed-with',
    'current-system',
    'hard-coded-system',
    'wrong-flake-system',
    'system-option',
    'argument',
    'unspliced',
    'other-package-set',
    'package-set',
    'unknown',
  ]),
  isOfConsumers: z.literal(true).exactOptional(),
  message: z.string(),
  steps: z.array(causeStep),
} satisfies EveryProperty<Reason>);

const attributedLeak: z.ZodType<AttributedLeak> = z.object({
  input: index,
  severity,
  rule,
  explanation: z.string(),
  edges: z.array(edge),
  faults: z.array(fault),
  path: z.array(index),
  origins: z.array(origin),
  cause: index,
  reason: reason.exactOptional(),
  bringsIn: index,
} satisfies EveryProperty<AttributedLeak>);

const packageSet: z.ZodType<ObservedPackageSet> = z.object({
  source: sourceRange,
  platforms: z.array(z.object({ build: z.string(), host: z.string(), target: z.string() })),
  boundAt: z.array(sourceRange),
} satisfies EveryProperty<ObservedPackageSet>);

const observation: z.ZodType<Observation> = z.object({
  source: sourceRange,
  form: z.enum(['list-element', 'binding', 'inherit', 'interpolation', 'argument', 'result']),
  text: z.string(),
  derivations: z.array(index),
  packageSet: packageSet.exactOptional(),
  ownPackageSet: packageSet.exactOptional(),
  made: z.array(index).exactOptional(),
  outside: z.array(z.string()).exactOptional(),
  givenBy: z.array(sourceRange).exactOptional(),
  shadowed: z.array(z.object({ environment: sourceRange, hosts: z.array(z.string()) })).exactOptional(),
} satisfies EveryProperty<Observation>);

const context: z.ZodType<JudgementContext> = z.object({
  localSystem: z.string(),
  extraPlatforms: z.array(z.string()),
});

const names = z.array(z.string());

const builders: z.ZodType<BuildConfiguration> = z.object({
  system: z.string(),
  extraPlatforms: names,
  systemFeatures: names,
  maxJobs: z.number(),
  externalBuilderSystems: names,
  machines: z.array(
    z.object({
      uri: z.string(),
      systems: names,
      maxJobs: z.number(),
      speedFactor: z.number(),
      supportedFeatures: names,
      mandatoryFeatures: names,
    } satisfies EveryProperty<BuildMachine>),
  ),
  machinesProblem: z.string().exactOptional(),
  unreadableMachines: names,
  substitutes: z.boolean(),
  alwaysAllowSubstitutes: z.boolean(),
  fallback: z.boolean(),
  refusals: z.enum(refusalStyles),
} satisfies EveryProperty<BuildConfiguration>);

/** Another form of what is stored gets another number: what has the former one is not read any more. */
export const formatVersion = 5;

/** What is stored in pieces, because it grows with the closure or the workspace. */
type InPieces = 'graph' | 'leaks' | 'causes' | 'observations' | 'usedDefaults' | 'filesRead' | 'sources';

/** The first line of a stored report: what names it, and what is small. Maps are lists of pairs. */
export const headSchema = z.object({
  version: z.literal(formatVersion),
  /** Names the evaluation that it is of. */
  key: z.string(),
  /** Milliseconds since 1970. */
  madeAt: z.number(),
  request: z.object({
    target: targetSchema,
    evaluateAs: z.string().exactOptional(),
    expect: z.string().exactOptional(),
  } satisfies EveryProperty<EvaluationRequest>),
  evaluatedAs: z.string(),
  bySystem: z.array(z.tuple([z.string(), index])),
  probes: z.object({
    placed: index,
    fired: index,
    files: index,
    level: index.exactOptional(),
    fallbackReason: z.string().exactOptional(),
  } satisfies EveryProperty<ProbeStatistics>),
  timings: z.array(z.tuple([z.string(), z.number()])),
  context: context.exactOptional(),
  builders: builders.exactOptional(),
} satisfies EveryProperty<Omit<Report, 'judgement' | InPieces>> & Record<string, z.ZodType>);

/** Every other line: some elements of one of the lists, or of the graph; the lines of one kind follow each other. */
export const pieceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('derivations'), part: graphPartSchema }),
  z.object({ kind: z.literal('tables'), tables: graphTablesSchema }),
  z.object({ kind: z.literal('leaks'), elements: z.array(attributedLeak) }),
  z.object({ kind: z.literal('causes'), elements: z.array(cause) }),
  z.object({ kind: z.literal('observations'), elements: z.array(observation) }),
  z.object({ kind: z.literal('usedDefaults'), elements: z.array(sourceRange) }),
  z.object({ kind: z.literal('filesRead'), elements: z.array(z.string()) }),
  z.object({ kind: z.literal('sources'), elements: z.array(z.tuple([z.string(), z.string()])) }),
]);
