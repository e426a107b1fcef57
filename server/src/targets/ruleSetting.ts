import * as z from 'zod';

import { ruleTable } from '../check/ruleTable.ts';
import { ruleIds, ruleLevels, type RuleId, type RuleLevel, type RuleLevels } from '../model/judgement.ts';

export function isRuleId(name: string): name is RuleId {
  return ruleIds.some((id) => id === name);
}

export function isRuleLevel(name: string): name is RuleLevel {
  return ruleLevels.some((level) => level === name);
}

/** Rules and how each is reported, as a person writes them in the setting `rules` and in the target file. */
export const ruleLevelsSetting = z
  .record(z.string(), z.enum(ruleLevels))
  .superRefine((levels, context) => {
    for (const name of Object.keys(levels).filter((key) => !isRuleId(key)))
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `there is no such rule; the rules are ${ruleIds.join(', ')}`,
      });
  })
  .meta({
    additionalProperties: false,
    properties: Object.fromEntries(
      ruleIds.map((id) => [id, { enum: [...ruleLevels], description: describeRule(id) }]),
    ),
  })
  .transform((levels): RuleLevels => {
    const known: Partial<Record<RuleId, RuleLevel>> = {};
    for (const id of ruleIds) if (levels[id] !== undefined) known[id] = levels[id];
    return known;
  });

/** What an editor shows where a rule is set. */
export function describeRule(id: RuleId): string {
  const { title, summary, severity } = ruleTable[id];
  return `${title}. ${summary} At worst it is reported as ${severity} where nothing is set.`;
}
