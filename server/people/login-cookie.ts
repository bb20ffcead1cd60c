import { parseCookie, stringifySetCookie } from 'cookie';

/** Seconds for which a browser stays signed in. */
export const loginLifeSeconds = 30 * 24 * 60 * 60;

/**
 * The one cookie of the house. Its path keeps it off everything listeners and speakers use; the `__Secure-` prefix
 * makes browsers refuse it over plain http, so a local http profile uses a plain name.
 */
export const loginCookie = (publicUrl: string) => {
  const secure = publicUrl.startsWith('https:');
  const name = secure ? '__Secure-loggia' : 'loggia';
  const write = (token: string, maxAge: number): string =>
    stringifySetCookie({ name, value: token, path: '/manage', httpOnly: true, sameSite: 'lax', secure, maxAge });
  return {
    name,
    /** The token in a Cookie header. */
    read: (header: string | undefined): string | undefined => (header ? parseCookie(header)[name] : undefined),
    /** The Set-Cookie header of a sign-in. */
    issue: (token: string): string => write(token, loginLifeSeconds),
    /** The Set-Cookie header of a sign-out. */
    clear: (): string => write('', 0),
  };
};
export type LoginCookie = ReturnType<typeof loginCookie>;
