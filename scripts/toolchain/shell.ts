// Text that sh, dash, bash and zsh read back as what was meant. Pure.

/** One word of a shell command, whatever is in it. */
export const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** A command that sets and exports a variable. */
export const exportLine = (name: string, value: string): string => `export ${name}=${quote(value)}`;

/** A command that puts a folder first on PATH, once, however often it is read. */
export const prependLine = (folder: string): string =>
  `case "$PATH" in ${quote(folder)}:*) ;; *) export PATH=${quote(folder)}:"$PATH" ;; esac`;
