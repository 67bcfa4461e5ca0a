/** The sandbox of requests that name none; it always exists. @public */
export const MAIN_SANDBOX = 'main';

/** Where the gateway's own records are kept. Not a name that a request can give. @public */
export const SYSTEM_SANDBOX = '_system';

/** Kind of the resource that describes a sandbox. @internal */
export const SANDBOX_KIND = 'sandbox';
