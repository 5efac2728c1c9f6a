/** How models mark what they think before they answer, by the texts of their chat templates. Data. */
export type ThoughtMarks = { open: string; close: string };

/** DeepSeek R1, Qwen 3 and most others; also what is looked for where a template names none. */
export const commonThoughtMarks: ThoughtMarks = { open: '<think>', close: '</think>' };

const families: ThoughtMarks[] = [
	commonThoughtMarks,
	// Magistral
	{ open: '[THINK]', close: '[/THINK]' },
	// Command R7B, Command A Reasoning
	{ open: '<|START_THINKING|>', close: '<|END_THINKING|>' }
];

/** Undefined where a template names no thoughts. */
export const thoughtMarksOf = (template: string): ThoughtMarks | undefined => families.find(({ open }) => template.includes(open));
