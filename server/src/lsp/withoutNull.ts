import type { Message, MessageStrategy } from 'vscode-languageserver/node';

/**
 * Takes parameters that are `null` as none: JSON-RPC 2.0 does not allow them,
 * some clients send them, and the library that we use reads their members.
 */
export const withoutNull: MessageStrategy = {
  handleMessage: (message, next) => next(dropNull(message)),
};

function dropNull(message: Message): Message {
  if (!('params' in message) || message.params !== null) return message;
  const without = { ...message, params: undefined };
  return without;
}
