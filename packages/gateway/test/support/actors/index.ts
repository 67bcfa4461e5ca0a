import type { Mount } from '../../../src/claim/place.js';
import type { Actor, Place, SendRequest } from './actor.js';
import { alibabaActor } from './alibaba.js';
import { awsActor } from './aws.js';
import { ncpActor } from './ncp.js';
import { yandexActor } from './yandex.js';

/** How to become an actor of each dialect; a dialect without one does not compile. */
export const ACTORS: { readonly [dialect in Mount]: (send: SendRequest, place?: Place) => Actor } =
  {
    aws: (send, place) => awsActor(send, 'aws', place),
    qkms: (send, place) => awsActor(send, 'qkms', place),
    alibaba: alibabaActor,
    yandex: yandexActor,
    ncp: ncpActor,
  };
