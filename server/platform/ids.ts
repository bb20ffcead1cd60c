import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** 128 random bits as 22 characters of base64url. */
export const randomId = (): string => randomBytes(16).toString('base64url');

/** 256 random bits as 43 characters of base64url: link secrets, login tokens, API tokens. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');

/** A version 4 UUID. */
export const randomUuid = (): string => randomUUID();

/** SHA-256 in hex. Enough for secrets of 128 bits and more; passwords go through argon2id. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
