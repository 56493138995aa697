// A text that a shell, a unit file, or a protocol of lines would trip over.

export const odd = 'it\'s "100%" $HOME `id` \\n \\101 ü 漢 🦦\t\r\n\n two\n  no end of line';
