import type { Command } from 'commander';
import { explainedIds, explainedRule, isExplained } from '../check/ruleHelp.ts';
import { ruleText, rulesText } from '../output/ruleText.ts';
import { paintFor } from '../output/paint.ts';
import { jsonText } from '../output/shown.ts';
import type { CommandEnvironment, ExitStatus } from './commandEnvironment.ts';
import { formatOption } from './optionValues.ts';
import type { Subcommand } from './invocation.ts';

interface ExplainOptions {
  readonly format: 'text' | 'json';
}

export const explainCommand: Subcommand = (program, chosen) => {
  program
    .command('explain')
    .description('say what a rule means, with an example; without one, list all rules')
    .argument('[rule]', 'the name that stands in reports, such as build-platform')
    .addOption(formatOption(['text', 'json']))
    .action((rule: string | undefined, { format }: ExplainOptions, self: Command) => {
      if (rule !== undefined && !isExplained(rule)) {
        self.error(`error: there is no rule ${rule}; the rules are ${explainedIds.join(', ')}`, {
          exitCode: 2,
        });
      }
      chosen({ run: (environment) => Promise.resolve(explain(rule, format, environment)) });
    });
};

function explain(
  rule: string | undefined,
  format: ExplainOptions['format'],
  { isTerminal, writeOut }: CommandEnvironment,
): ExitStatus {
  const ids = rule === undefined ? explainedIds : explainedIds.filter((id) => id === rule);
  const paint = paintFor(isTerminal);
  const [id] = ids;
  if (format === 'json') writeOut(jsonText({ version: 1, rules: ids.map(explainedRule) }));
  else if (rule !== undefined && id !== undefined) writeOut(ruleText(id, paint));
  else writeOut(rulesText(ids, paint));
  return 0;
}
