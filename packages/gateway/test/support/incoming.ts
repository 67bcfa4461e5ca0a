import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** A request as node:http hands it over; names in lower case. */
export interface Incoming {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: { readonly [name: string]: string };
}

export function incoming({ method = 'POST', url = '/', headers = {} }: Incoming): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.method = method;
  message.url = url;
  message.headers = { ...headers };
  return message;
}
