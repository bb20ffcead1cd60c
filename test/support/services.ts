import { z } from 'zod';

/** What `npm test` starts once for all tests, on free ports and on a database cluster of its own. */
const servicesSchema = z.object({
  postgresUrl: z.string(),
  livekitUrl: z.string(),
  livekitApiKey: z.string(),
  livekitApiSecret: z.string(),
  ffmpegBin: z.string(),
  chromiumBin: z.string(),
});

export type Services = z.infer<typeof servicesSchema>;

/** The variable through which the runner hands the services to the tests, as JSON. */
export const servicesVariable = 'LOGGIA_TEST_SERVICES';

/** The template that `createTestDatabase` clones: every migration applied, no rows. */
export const templateDatabase = 'loggia_template';

/** The services of this run. Throws when the tests were not started by the runner. */
export const services = (): Services => {
  const given = process.env[servicesVariable];
  if (!given) throw new Error('This test needs Postgres and LiveKit: run it by `npm test -- <part of the file name>`.');
  return servicesSchema.parse(JSON.parse(given));
};
