// The platform's module, as the adapter declares it for itself.
/// <reference path="../../src/cloudflare/slots/cloudflare-workers.d.ts" />
