let plain: ChildNode[] = [];

/** Remembers what the server wrote into the page, before anything is mounted beside it. */
export const keepPlainBody = (app: HTMLElement): void => {
  plain = [...app.childNodes];
};

/** Takes the server's words away; called by a page the moment it has something to show in their place. */
export const dropPlainBody = (): void => {
  for (const node of plain) node.remove();
  plain = [];
};
