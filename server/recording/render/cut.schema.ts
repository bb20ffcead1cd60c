import { z } from 'zod';

/** More joins than anybody hears apart in an evening; each costs a filter. */
const MOST_RANGES = 500;

/** What of a recording is wanted: ranges of its takes, in the order in which they shall be heard. */
export const CutSchema = z
  .array(
    z
      .object({ takeId: z.string().max(64), fromMs: z.int().nonnegative(), toMs: z.int().positive() })
      .refine(({ fromMs, toMs }) => fromMs < toMs, { error: 'a range ends after it begins', path: ['toMs'] }),
  )
  .min(1)
  .max(MOST_RANGES);
export type Cut = z.infer<typeof CutSchema>;
