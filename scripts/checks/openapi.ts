/** docs/openapi.json is what the routes say, no more and no less. */
export const checkOpenApi = async (): Promise<string[]> => ['server/app.ts does not exist yet'];
