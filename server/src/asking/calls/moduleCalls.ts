import { pathExpression } from '../../nix/pathExpressions.ts';
import { captured, capturingFunction } from '../functionNames.ts';
import { configurationOf, moduleArguments } from '../contextArguments.ts';
import type { CallFinder } from './callSite.ts';

/** A module's arguments are those of the configuration. */
export const moduleCalls: CallFinder = function* ({ source, functions }, _scopes, workspace) {
  const configuration = configurationOf(workspace);
  const [lambda, ...inner] = functions;
  const isModule = lambda.formals && lambda.ellipsis && inner.length === 0;
  if (configuration === undefined || !isModule) return;
  yield {
    capture: async (scopes) => {
      const evaluated = await workspace.nix.define(configuration);
      const given = await workspace.nix.define(moduleArguments(`(import ${pathExpression(evaluated)})`));
      return Promise.all(
        scopes.map(async (scope) => {
          const value = scope.wrap(`(${capturingFunction(source, functions)})`);
          return {
            scope,
            file: await workspace.nix.define(`(${value} (import ${pathExpression(given)})).${captured}`),
          };
        }),
      );
    },
  };
};
