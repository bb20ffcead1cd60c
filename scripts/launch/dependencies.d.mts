type Packages = { packages: Record<string, { version?: string; optional?: boolean; link?: boolean }> };
export declare const isSatisfied: (lockfile: Packages, installed: Packages) => boolean;
