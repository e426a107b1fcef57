import type { ExplainedRule } from '../../server/src/check/ruleHelp.ts';
import { levelText, markdownHelp } from '../../server/src/output/ruleText.ts';

/** What `explain` says of each rule, one section for each. */
export function ruleSections(rules: readonly ExplainedRule[]): string {
  return rules
    .map((rule) =>
      [`### ${rule.id}`, `**${rule.title}** (${levelText(rule)}). ${rule.summary}`, markdownHelp(rule)].join(
        '\n\n',
      ),
    )
    .join('\n\n');
}
