/** How models write tool calls, by the texts of their chat templates. Data. */
import { isHarmony } from './harmony.ts';

export type ToolSyntax = {
	/** what begins the calls, in the text or only at its start */
	trigger: string;
	isAtStart: boolean;
	/** from the trigger to the name, from the name to the arguments (a JSON object), and what ends a call */
	lead: string;
	between: string;
	after: string;
	/** from one call to the name of the next; undefined: there is one call at most */
	next: string | undefined;
	/** what ends all calls */
	close: string;
	/** letters and digits of a call's id, where the template insists */
	idLength?: number;
	/** what stands between a call's name and its id, where the model writes one */
	callId?: string;
	/** control tokens that the model says around its words: never shown */
	quiet?: string[];
	/** calls are messages of the harmony format: what follows describes one that must come */
	isHarmony?: true;
	/** the template has no tools of its own: they are described in the system message, and results come from the user */
	isForeign?: true;
};

/** Hermes 2 Pro, Qwen 2.5 and 3, and others in ChatML. */
const hermes: ToolSyntax = { trigger: '<tool_call>', isAtStart: false, lead: '\n{"name": "', between: '", "arguments": ', after: '}\n</tool_call>', next: '\n<tool_call>\n{"name": "', close: '' };

/** Llama 3.1 to 3.3: one call, which is the whole answer. */
const llama3: ToolSyntax = { trigger: '{"name": "', isAtStart: true, lead: '', between: '", "parameters": ', after: '}', next: undefined, close: '' };

/** Mistral 7B v0.3, Nemo, Small: a JSON list. The older ones have a space before it. */
const mistral = (space: string): ToolSyntax => ({ trigger: '[TOOL_CALLS]', isAtStart: false, lead: `${space}[{"name": "`, between: '", "arguments": ', after: '}', next: ', {"name": "', close: ']', idLength: 9 });

/** Magistral, Devstral. */
const mistralArgs: ToolSyntax = { trigger: '[TOOL_CALLS]', isAtStart: false, lead: '', between: '[ARGS]', after: '', next: '[TOOL_CALLS]', close: '', idLength: 9 };

/** Mistral Small 3.2: a call's id is the model's. */
const mistralCallId: ToolSyntax = { ...mistralArgs, callId: '[CALL_ID]' };

/** Granite 3: a JSON list. */
const granite: ToolSyntax = { trigger: '<|tool_call|>', isAtStart: false, lead: '[{"name": "', between: '", "arguments": ', after: '}', next: ', {"name": "', close: ']' };

/** Command R7B and Command A: a JSON list whose items are numbered; one call. */
const commandR: ToolSyntax = { trigger: '<|START_ACTION|>', isAtStart: false, lead: '[\n    {"tool_call_id": "0", "tool_name": "', between: '", "parameters": ', after: '}', next: undefined, close: '\n]<|END_ACTION|>', quiet: ['<|END_ACTION|>', '<|START_RESPONSE|>', '<|END_RESPONSE|>', '<|START_TEXT|>', '<|END_TEXT|>'] };

/** gpt-oss: a message to the function, which a control token ends. */
const harmony: ToolSyntax = { trigger: '<|channel|>commentary to=functions.', isAtStart: false, lead: '', between: ' <|constrain|>json<|message|>', after: '', next: undefined, close: '', isHarmony: true };

/** The first whose words are all in a template, and whose unwanted ones are not. */
const families: { has: string[]; lacks?: string[]; syntax: ToolSyntax }[] = [
	{ has: ['[TOOL_CALLS]', '[CALL_ID]', '[ARGS]'], syntax: mistralCallId },
	{ has: ['[TOOL_CALLS]', '[ARGS]'], syntax: mistralArgs },
	{ has: ['[TOOL_CALLS] ['], syntax: mistral(' ') },
	{ has: ['[TOOL_CALLS]'], syntax: mistral('') },
	{ has: ['<|tool_call|>', '<|start_of_role|>', 'tools'], syntax: granite },
	{ has: ['<|START_ACTION|>', '"tool_name"', '"parameters"', 'tools'], syntax: commandR },
	{ has: ['<tool_call>', 'tools', '"arguments"'], lacks: ['<function=', '<arg_key>'], syntax: hermes },
	{ has: ['<|start_header_id|>', 'tools', '"parameters"'], syntax: llama3 }
];

/** The syntax of a file's own template; of one that has none that we know, Hermes's, described to the model. */
export function toolSyntaxOf(template: string): ToolSyntax {
	if (isHarmony(template)) return harmony;
	const known = families.find(({ has, lacks = [] }) => has.every((word) => template.includes(word)) && !lacks.some((word) => template.includes(word)));
	return known?.syntax ?? { ...hermes, isForeign: true };
}

/** What may be control tokens in a syntax: the model must be able to say them, and their text is to be read. */
export const marksOf = ({ trigger, between, callId = '' }: ToolSyntax): string[] => [trigger, callId, between].filter((text) => /^[[<].*[\]>]$/.test(text));
