import { m } from '../paraglide/messages.js';
import { announcer } from './announcer.svelte.ts';

/** The way of before: it works on plain http, too, where browsers keep `navigator.clipboard` away. */
const copyByCommand = (text: string): boolean => {
  const fill = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  };
  document.addEventListener('copy', fill);
  try {
    return document.execCommand('copy');
  } finally {
    document.removeEventListener('copy', fill);
  }
};

/** A copy button: `done` once the text is in the clipboard, which is also said to screen readers. */
export class Copying {
  done = $state(false);

  async copy(text: string): Promise<void> {
    const clipboard = navigator.clipboard as Clipboard | undefined;
    this.done = clipboard
      ? await clipboard.writeText(text).then(
          () => true,
          () => copyByCommand(text),
        )
      : copyByCommand(text);
    if (this.done) announcer.say(m.copied());
  }
}
