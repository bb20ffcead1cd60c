/**
 * The API's description, OpenAPI 3.1, generated from the routes' own schemas. Served at /api/openapi.json and
 * committed as docs/openapi.json.
 */
import swagger from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { App } from './http.ts';
import { documentResponses } from './posture.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const inputReference = /^(#\/components\/schemas\/\w+)Input$/;

// Every component is emitted twice, as it is read and as it is written (`Room`, `RoomInput`). Ours do not differ.
const withoutDoubles = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(withoutDoubles);
  if (!isObject(value)) return typeof value === 'string' ? value.replace(inputReference, '$1') : value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutDoubles(inner)]));
};

const isProblem = (schema: Json | undefined): boolean =>
  isObject(schema) && schema['$ref'] === '#/components/schemas/Problem';

// Zod schemas say nothing of media types; our errors travel as RFC 9457.
const describeResponse = (response: Json, status: string): Json => {
  if (!isObject(response)) return response;
  const json = isObject(response['content']) ? response['content']['application/json'] : undefined;
  if (!isObject(json) || !isProblem(json['schema'])) {
    return response['description'] === 'Default Response' ? { ...response, description: 'Done.' } : response;
  }
  const description = status.startsWith('4') ? 'Why it was refused.' : 'What failed on our side.';
  return { description, content: { 'application/problem+json': json } };
};

const SECURITY: Record<string, Json> = { host: [{ apiToken: [] }], inside: [{ visit: [] }], public: [] };

const describeOperation = (operation: Json): Json => {
  if (!isObject(operation)) return operation;
  const [tag] = Array.isArray(operation['tags']) ? operation['tags'] : [];
  const security = typeof tag === 'string' ? (SECURITY[tag] ?? []) : [];
  return { ...operation, security, responses: mapValues(operation['responses'], describeResponse) };
};

const mapValues = (object: Json | undefined, change: (value: Json, key: string) => Json): Json =>
  isObject(object) ? Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)])) : {};

const isDoubled = (name: string, schemas: JsonObject): boolean =>
  name.endsWith('Input') && name.slice(0, -'Input'.length) in schemas;

/** Takes out what the generator puts in twice, and says what it leaves out: media type of problems, credentials. */
export const tidyDocument = (document: JsonObject): JsonObject => {
  const components = isObject(document['components']) ? document['components'] : {};
  const schemas = isObject(components['schemas']) ? components['schemas'] : {};
  const single = Object.fromEntries(Object.entries(schemas).filter(([name]) => !isDoubled(name, schemas)));
  const tidy = withoutDoubles({ ...document, components: { ...components, schemas: single } }) as JsonObject;
  return { ...tidy, paths: mapValues(tidy['paths'], (path) => mapValues(path, describeOperation)) };
};

const transformObject = createJsonSchemaTransformObject({});

/** Call before any route. The description holds every route that does not hide itself. */
export const installOpenApi = async (app: App): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Loggia',
        description: 'Audio rooms that you can listen to unseen and publish afterwards.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        version: '1',
      },
      tags: [
        { name: 'public', description: 'Open to everybody; no cookie is read and none is set.' },
        { name: 'host', description: 'For hosts: `Authorization: Bearer <API token>`.' },
        { name: 'login', description: 'Signing a host in and out in a browser: the one cookie, on its own path.' },
        { name: 'inside', description: 'For people inside a live room: `Authorization: Visit <visitSecret>`.' },
      ],
      components: {
        securitySchemes: {
          apiToken: { type: 'http', scheme: 'bearer' },
          visit: { type: 'apiKey', in: 'header', name: 'Authorization' },
        },
      },
    },
    transform: createJsonSchemaTransform({ skipList: [] }),
    transformObject: (document) => tidyDocument(transformObject(document) as unknown as JsonObject) as never,
  });
};

/** The route of the description itself. */
export const openApiRoutes = (app: App): void => {
  app.get(
    '/api/openapi.json',
    { config: { action: 'readInstance' }, schema: { hide: true, response: { ...documentResponses, '2xx': z.any() } } },
    () => app.swagger(),
  );
};
