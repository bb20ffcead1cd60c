import { z } from 'zod';

/** What of a recording is wanted: ranges of its takes, in the order in which they shall be heard. */
export const CutSchema = z
  .array(
    z
      .object({ takeId: z.string(), fromMs: z.int().nonnegative(), toMs: z.int().positive() })
      .refine(({ fromMs, toMs }) => fromMs < toMs, { error: 'a range ends after it begins', path: ['toMs'] }),
  )
  .min(1);
export type Cut = z.infer<typeof CutSchema>;
