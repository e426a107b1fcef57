import * as z from 'zod';

import { explainedIds, type ExplainedRule } from '../check/ruleHelp.ts';
import { ruleLevels } from '../model/judgement.ts';
import type { JsonBuilders, JsonBuiltBy } from './buildersJson.ts';
import type { JsonSystemDependence } from './dependenceText.ts';
import type { Fingerprint } from './fingerprints.ts';
import type {
  JsonCause,
  JsonDerivation,
  JsonFinding,
  JsonFix,
  JsonLeak,
  JsonOrigin,
  JsonReport,
  JsonScriptPlace,
  JsonSuppressedLeak,
  JsonUnusedSuppression,
} from './json.ts';
import type { JsonVerification } from './verificationJson.ts';
import type { JsonStep, JsonWhy } from './why.ts';

/*
 * What `--format json` prints, as zod has it: the published schemas are made
 * of this, and all tests read the output with it. Each is held against its
 * type in `json.ts` by the compiler, and a field that is not here is refused.
 */

const severity = z.enum(['error', 'warning', 'info']);
const position = { line: z.int().positive(), column: z.int().positive() };
const end = { endLine: z.int().positive(), endColumn: z.int().positive() };
const place = { file: z.string(), ...position, ...end };
const count = z.int().nonnegative();

const derivation = z.strictObject({
  drvPath: z.string(),
  name: z.string(),
  buildSystem: z.string(),
  hostSystem: z.string().nullable(),
  targetSystem: z.string().exactOptional(),
}) satisfies z.ZodType<JsonDerivation>;

const builderKind = z.enum(['builtin', 'local', 'remote', 'substituted', 'none']);
const builders = z.strictObject({
  kind: builderKind,
  machines: z.array(z.string()),
  reason: z.string(),
}) satisfies z.ZodType<JsonBuilders>;

const builtBy = z.strictObject({
  system: z.string(),
  extraPlatforms: z.array(z.string()),
  systemFeatures: z.array(z.string()),
  maxJobs: count,
  machines: z.array(
    z.strictObject({
      uri: z.string(),
      systems: z.array(z.string()),
      maxJobs: count,
      speedFactor: z.number(),
      supportedFeatures: z.array(z.string()),
      mandatoryFeatures: z.array(z.string()),
    }),
  ),
  machinesProblem: z.string().exactOptional(),
  derivations: z.record(builderKind, count),
}) satisfies z.ZodType<JsonBuiltBy>;

const scripts = z.array(
  z.strictObject({
    variable: z.string(),
    line: z.int().positive(),
    text: z.string(),
    of: z.string().exactOptional(),
  }) satisfies z.ZodType<JsonScriptPlace>,
);

const origins = z.array(
  z.strictObject({
    ...place,
    text: z.string(),
    through: z.string().exactOptional(),
  }) satisfies z.ZodType<JsonOrigin>,
);

const cause = z.strictObject({
  file: z.string().exactOptional(),
  line: position.line.exactOptional(),
  column: position.column.exactOptional(),
  endLine: end.endLine.exactOptional(),
  endColumn: end.endColumn.exactOptional(),
  kind: z.string(),
  text: z.string().exactOptional(),
  message: z.string(),
  steps: z.array(z.strictObject({ ...place, text: z.string(), message: z.string() })),
}) satisfies z.ZodType<JsonCause>;

const fixes = z.array(
  z.strictObject({
    title: z.string(),
    edits: z.array(z.strictObject({ ...place, newText: z.string() })),
    proven: z.boolean(),
    partial: z.literal(true).exactOptional(),
    proof: z.string(),
  }) satisfies z.ZodType<JsonFix>,
);

const leak = z.strictObject({
  input: derivation,
  severity,
  rule: z.string(),
  fingerprint: z.string().exactOptional(),
  explanation: z.string(),
  builders: builders.exactOptional(),
  scripts: scripts.exactOptional(),
  consumers: z.array(z.strictObject({ drvPath: z.string(), name: z.string(), role: z.string() })),
  bringsIn: count,
  path: z.array(z.string()),
  origins,
  cause: cause.exactOptional(),
  fixes,
}) satisfies z.ZodType<JsonLeak>;

const finding = z.strictObject({
  severity,
  rule: z.string(),
  fingerprint: z.string().exactOptional(),
  explanation: z.string(),
  leaks: z.array(count),
  bringsIn: count,
  scripts: scripts.exactOptional(),
  origins,
  cause: cause.exactOptional(),
  fixes,
}) satisfies z.ZodType<JsonFinding>;

const suppressed = z.strictObject({
  ...leak.shape,
  suppressions: z.array(z.strictObject({ ...place, rules: z.array(z.string()), reason: z.string() })),
}) satisfies z.ZodType<JsonSuppressedLeak>;

const unusedSuppressions = z.array(
  z.strictObject({
    ...place,
    rule: z.literal('unused-suppression'),
    severity,
    message: z.string(),
  }) satisfies z.ZodType<JsonUnusedSuppression>,
);

/** Leaks that the baseline lists and that are not there any more. */
const baseline = z.strictObject({
  gone: z.array(
    z.strictObject({
      rule: z.string(),
      file: z.string(),
      within: z.string(),
      text: z.string(),
      input: z.string(),
      hash: z.string(),
    }) satisfies z.ZodType<Fingerprint>,
  ),
});

/** Of one evaluation; the editor's has no fingerprints and no `baseline`. */
export const jsonReportSchema = z.strictObject({
  version: z.literal(1),
  target: z.record(z.string(), z.unknown()),
  evaluatedAs: z.string(),
  expect: z.string().exactOptional(),
  root: derivation,
  closure: z.strictObject({
    derivations: count,
    edges: count,
    bySystem: z.record(z.string(), count),
  }),
  builtBy: builtBy.exactOptional(),
  leaks: z.array(leak),
  findings: z.array(finding),
  known: count.exactOptional(),
  suppressed: z.array(suppressed),
  unusedSuppressions: unusedSuppressions.exactOptional(),
  rules: z.record(z.string(), z.enum(ruleLevels)),
  gaps: z.array(z.strictObject({ drvPath: z.string(), message: z.string() })),
  errors: z.array(z.never()),
  probes: z.strictObject({
    placed: count,
    fired: count,
    files: count,
    level: count.exactOptional(),
    fallbackReason: z.string().exactOptional(),
  }),
  timings: z.record(z.string(), z.number()),
  baseline: baseline.exactOptional(),
}) satisfies z.ZodType<JsonReport>;

const systemDependence = z.strictObject({
  label: z.string(),
  severity,
  systems: z.array(z.string()),
  roots: z.array(z.string()),
  places: z.array(
    z.strictObject({ ...place, text: z.string(), message: z.string(), derivations: z.array(z.string()) }),
  ),
}) satisfies z.ZodType<JsonSystemDependence>;

/** Of several evaluations. */
export const jsonReports = z.strictObject({
  version: z.literal(1),
  summary: z.strictObject({
    evaluations: count,
    clean: count,
    warned: count.exactOptional(),
    leaking: count,
    unknown: count,
  }),
  evaluations: z.array(
    z.strictObject({
      label: z.string(),
      evaluateAs: z.string().exactOptional(),
      report: jsonReportSchema.exactOptional(),
      errors: z.array(z.string()).exactOptional(),
    }),
  ),
  systemDependences: z.array(systemDependence),
  unusedSuppressions,
  baseline: baseline.exactOptional(),
});

const step = z.strictObject({
  consumer: derivation,
  input: derivation,
  roles: z.array(z.string()),
  crossing: z
    .strictObject({
      severity: z.string(),
      rule: z.string(),
      needs: z.array(z.string()),
      runsOn: z.string(),
      explanation: z.string(),
    })
    .exactOptional(),
}) satisfies z.ZodType<JsonStep>;

/** Of `why`, where one derivation was meant. */
export const jsonWhy = z.strictObject({
  version: z.literal(1),
  evaluatedAs: z.string(),
  root: derivation,
  input: derivation,
  expressions: z.array(z.strictObject({ ...place, text: z.string() })),
  count: z.string(),
  paths: z.array(z.array(step)),
}) satisfies z.ZodType<JsonWhy>;

/** Of `why`, where several derivations have the name. */
export const jsonMatches = z.strictObject({ version: z.literal(1), matches: z.array(derivation) });

const verification = z.strictObject({
  name: z.string(),
  drvPath: z.string().exactOptional(),
  outputs: z.array(
    z.strictObject({
      name: z.string().exactOptional(),
      path: z.string().exactOptional(),
      realised: z.boolean(),
    }),
  ),
  state: z.enum(['right', 'wrong', 'absent', 'unknown']),
  expected: z
    .strictObject({
      system: z.string(),
      source: z.enum(['given', 'derivation', 'this-machine']),
      assumed: z.boolean(),
      code: z.string(),
    })
    .exactOptional(),
  counts: z.strictObject({
    storePaths: count,
    files: count,
    executables: count,
    libraries: count,
    scripts: count,
    foreignPaths: count,
  }),
  paths: z.array(
    z.strictObject({
      storePath: z.string(),
      path: z.array(z.string()),
      drvPath: z.string().exactOptional(),
      madeFor: z.string().exactOptional(),
      findings: z.array(
        z.strictObject({
          severity,
          storePath: z.string(),
          file: z.string(),
          found: z.string(),
          expected: z.string(),
          explanation: z.string().exactOptional(),
        }),
      ),
      omitted: z.record(severity, count),
    }),
  ),
  incomplete: z.array(z.string()),
}) satisfies z.ZodType<JsonVerification>;

/** Of which target or store path it is. */
const named = { label: z.string().exactOptional(), evaluateAs: z.string().exactOptional() };

/** Of `verify`. */
export const jsonVerifications = z.strictObject({
  version: z.literal(1),
  verifications: z.array(
    z.union([
      z.strictObject({ ...named, ...verification.shape }),
      z.strictObject({ ...named, errors: z.array(z.string()) }),
    ]),
  ),
});

/** Of `explain`. */
export const jsonRules = z.strictObject({
  version: z.literal(1),
  rules: z.array(
    z.strictObject({
      id: z.enum(explainedIds),
      title: z.string(),
      summary: z.string(),
      severity,
      meaning: z.array(z.string()),
      bad: z.string(),
      good: z.string(),
      next: z.string(),
      manual: z.strictObject({ text: z.string(), url: z.string().exactOptional() }),
      precision: z.enum(['very-high', 'high', 'medium']),
    }) satisfies z.ZodType<ExplainedRule>,
  ),
});

/** The published schemas, by the command whose `--format json` they describe. */
const published = {
  report: z.union([jsonReportSchema, jsonReports]),
  why: z.union([jsonWhy, jsonMatches]),
  verification: jsonVerifications,
  rules: jsonRules,
} as const;

export const jsonSchemaNames = [
  'report',
  'why',
  'verification',
  'rules',
] as const satisfies (keyof typeof published)[];

/** Returns the text of the JSON Schema of one of them; `scripts/build-schema.mjs` writes it down. */
export function jsonSchemaText(name: (typeof jsonSchemaNames)[number]): string {
  // Fields may be added in the same version: whoever validates with it lets them pass.
  const schema = z.toJSONSchema(published[name], {
    target: 'draft-7',
    reused: 'ref',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  const title = `What Nix Platform Lens prints as JSON: ${name}`;
  return `${JSON.stringify({ ...schema, title }, undefined, 2)}\n`;
}
