import { adoptCapture } from '../../server/recording/capture/capture.client.ts';

/** Whether a process is capturing, or ready to capture, into this recording's folder. */
export const captureLives = async (dir: string): Promise<boolean> => {
  const handle = await adoptCapture(dir);
  handle?.detach();
  return handle !== undefined;
};
