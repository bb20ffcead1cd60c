import type { CaptureFailure } from './control.schema.ts';

/** A failure that travels to the controller with a code of the catalogue of Problems. */
export class CaptureError extends Error {
  readonly code: CaptureFailure['code'];

  constructor(code: CaptureFailure['code'], detail: string) {
    super(detail);
    this.name = 'CaptureError';
    this.code = code;
  }
}
