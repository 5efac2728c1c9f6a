const escapes: [string, string][] = [['\\', '\\\\'], ['\n', '\\n'], ['\r', '\\r'], ['\t', '\\t']];

/** A text on one line: a line break is shown as `\n`. */
export const escapeText = (text: string): string => escapes.reduce((shown, [character, written]) => shown.replaceAll(character, written), text);

/** What a person typed: `\n`, `\r`, `\t` and `\\` stand for what can't be typed on one line. */
export const unescapeText = (typed: string): string => typed.replace(/\\[\\nrt]/g, (written) => escapes.find(([, other]) => other === written)![0]);
