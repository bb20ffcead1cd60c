export declare const cacheDir: (env?: Record<string, string | undefined>) => string;
