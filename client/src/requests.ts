import { NotificationType, NotificationType0, RequestType, RequestType0 } from 'vscode-languageclient/node';
import { methods } from '../../server/src/protocol.ts';
import type {
  ClosureChildrenParams,
  ClosureChildrenResult,
  ClosurePathParams,
  ClosurePathResult,
  SelectTargetParams,
  StatusParams,
  TargetFileResult,
  TargetsParams,
  TargetsResult,
  VerifyOutputsParams,
  VerifyOutputsResult,
} from '../../server/src/protocol.ts';

/** The protocol's methods with their types, as the client calls them. */
export const requests = {
  targets: new RequestType<TargetsParams, TargetsResult, void>(methods.targets),
  selectTarget: new RequestType<SelectTargetParams, null, void>(methods.selectTarget),
  evaluate: new RequestType0<null, void>(methods.evaluate),
  cancel: new RequestType0<null, void>(methods.cancel),
  closureChildren: new RequestType<ClosureChildrenParams, ClosureChildrenResult, void>(
    methods.closureChildren,
  ),
  closurePath: new RequestType<ClosurePathParams, ClosurePathResult, void>(methods.closurePath),
  verifyOutputs: new RequestType<VerifyOutputsParams, VerifyOutputsResult, void>(methods.verifyOutputs),
  targetFile: new RequestType0<TargetFileResult | null, void>(methods.targetFile),
  report: new RequestType0<unknown, void>(methods.report),
} as const;

export const notifications = {
  status: new NotificationType<StatusParams>(methods.status),
  trust: new NotificationType0(methods.trust),
} as const;
