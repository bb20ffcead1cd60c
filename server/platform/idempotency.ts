import { z } from 'zod';

/** The `headers` schema of requests that make something once: the same key gives the same answer again. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z.string().min(8).max(128).describe('A fresh random key per intent; the same one on a retry.'),
});
