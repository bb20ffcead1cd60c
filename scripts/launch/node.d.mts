/** What to do about Node: use a binary, fetch an npm package, or say that it is impossible. */
export type NodeChoice = { use?: string; fetch?: string; impossible?: string };
export declare const wantedNode: string;
export declare const isNewEnough: (version: string) => boolean;
export declare const chooseNode: (machine: {
  version: string;
  execPath: string;
  platform: string;
  cached: string | undefined;
}) => NodeChoice;
