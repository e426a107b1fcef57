import { NixFailure } from './failure.ts';
import type { NixErrorMessage, NixPosition } from './messages.ts';

/** The same failure with all places below one folder told as below another. */
export function moveErrors(failure: NixFailure, from: string, to: string): NixFailure {
  const movePosition = (position: NixPosition): NixPosition =>
    position.file.startsWith(`${from}/`)
      ? { ...position, file: to + position.file.slice(from.length) }
      : position;
  const moveText = (text: string): string => text.replaceAll(`${from}/`, `${to}/`);
  const moveError = ({ position, trace, ...error }: NixErrorMessage): NixErrorMessage => ({
    ...error,
    message: moveText(error.message),
    fullText: moveText(error.fullText),
    ...(position && { position: movePosition(position) }),
    trace: trace.map((frame) => ({
      message: frame.message,
      ...(frame.position && { position: movePosition(frame.position) }),
    })),
  });
  return new NixFailure(failure.reason, moveText(failure.message), {
    errors: failure.errors.map(moveError),
    exitCode: failure.exitCode,
    isOffline: failure.isOffline,
    stderrTail: moveText(failure.stderrTail),
    cause: failure,
  });
}
