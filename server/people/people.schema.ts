import { z } from 'zod';

export const hostNameSchema = z.string().trim().min(1).max(64);
/** Length is the only rule (NIST SP 800-63B §5.1.1.2). */
export const passwordSchema = z.string().min(10).max(256);

export const setUpBodySchema = z.object({
  secret: z.string().min(16).max(128),
  name: hostNameSchema,
  password: passwordSchema,
});
export const signInBodySchema = z.object({ name: hostNameSchema, password: z.string().min(1).max(256) });

export const hostSchema = z.object({ id: z.uuid(), name: z.string(), isOwner: z.boolean() }).meta({ id: 'Host' });
export type HostView = z.infer<typeof hostSchema>;

/** What a browser may know of this instance. */
export const instanceSchema = z
  .object({
    title: z.string(),
    language: z.string(),
    operatorName: z.string(),
    operatorContact: z.string().nullable(),
    hostIsOperator: z.boolean(),
    needsSetUp: z.boolean(),
  })
  .meta({ id: 'Instance' });
export type InstanceView = z.infer<typeof instanceSchema>;
