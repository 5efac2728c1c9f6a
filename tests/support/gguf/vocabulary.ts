/**
 * A byte-level BPE vocabulary as GPT-2, Llama 3 and Qwen have it. The pre-tokenizer is Llama 3's, which takes a whole
 * word that is in the vocabulary without asking the merges: so every word put in is one token, with no ranks to arrange.
 */
import { createRandom } from './random.ts';

/** Which control tokens frame a message. */
export type Dialect = 'chatml' | 'llama3' | 'harmony' | 'cohere' | 'mistral';

export type Vocabulary = {
	tokens: readonly string[];
	types: Int32Array<ArrayBuffer>;
	merges: readonly string[];
	/** begin of text, end of answer, padding: indexes into `tokens` */
	bos: number;
	eos: number;
	pad: number;
	/** tokens that are never text */
	control: readonly number[];
	/** what a random model must not say, that its text stays text: control tokens, markers, bytes that are no letter by themselves */
	unspoken: readonly number[];
	/** the index of a token by its encoded text; throws when there is none */
	indexOf: (encoded: string) => number;
};

const tokenType = { normal: 1, control: 3, userDefined: 4, unused: 5 };

/** Parsed as one token wherever they stand, and printed as text: as in Qwen 2.5 and 3. */
export const markers = ['<tool_call>', '</tool_call>', '<think>', '</think>'];

const controlTokens: Record<Dialect, { tokens: string[]; bos: string; eos: string; pad: string }> = {
	chatml: { tokens: ['<|endoftext|>', '<|im_start|>', '<|im_end|>'], bos: '<|endoftext|>', eos: '<|im_end|>', pad: '<|endoftext|>' },
	llama3: {
		tokens: ['<|begin_of_text|>', '<|end_of_text|>', '<|start_header_id|>', '<|end_header_id|>', '<|eom_id|>', '<|eot_id|>', '<|python_tag|>'],
		bos: '<|begin_of_text|>',
		eos: '<|eot_id|>',
		pad: '<|end_of_text|>'
	},
	harmony: {
		tokens: ['<|startoftext|>', '<|endoftext|>', '<|return|>', '<|start|>', '<|channel|>', '<|constrain|>', '<|message|>', '<|end|>', '<|call|>'],
		bos: '<|startoftext|>',
		eos: '<|return|>',
		pad: '<|endoftext|>'
	},
	cohere: {
		tokens: ['<PAD>', '<BOS_TOKEN>', ...['START_OF_TURN_TOKEN', 'END_OF_TURN_TOKEN', 'USER_TOKEN', 'CHATBOT_TOKEN', 'SYSTEM_TOKEN'].map((name) => `<|${name}|>`), ...['THINKING', 'RESPONSE', 'ACTION', 'TOOL_RESULT'].flatMap((name) => [`<|START_${name}|>`, `<|END_${name}|>`])],
		bos: '<BOS_TOKEN>',
		eos: '<|END_OF_TURN_TOKEN|>',
		pad: '<PAD>'
	},
	mistral: {
		tokens: ['<s>', '</s>', '<pad>', ...['INST', 'SYSTEM_PROMPT', 'AVAILABLE_TOOLS', 'TOOL_RESULTS', 'THINK'].flatMap((name) => [`[${name}]`, `[/${name}]`]), '[TOOL_CALLS]', '[CALL_ID]', '[ARGS]', '[TOOL_CONTENT]'],
		bos: '<s>',
		eos: '</s>',
		pad: '<pad>'
	}
};

/** GPT-2's printable stand-in for each byte. */
const characterOf: string[] = [];
for (let byte = 0, spare = 256; byte < 256; byte++) {
	const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
	characterOf.push(String.fromCharCode(printable ? byte : spare++));
}

/** Text as a vocabulary spells it: one character for each byte of its UTF-8. */
export const encodeBytes = (text: string): string => Array.from(Buffer.from(text, 'utf8'), (byte) => characterOf[byte]!).join('');

/** Llama 3's pre-tokenizer (llama.cpp, `LLAMA_VOCAB_PRE_TYPE_LLAMA3`). */
const word = /'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;
/** Pieces that stand for themselves: markers, and the control tokens with which a script frames what it says. */
const whole = [...markers, ...[controlTokens.harmony, controlTokens.cohere, controlTokens.mistral].flatMap(({ tokens }) => tokens)];
const markerPattern = new RegExp(`(${whole.map((text) => text.replaceAll(/[[\]|/]/g, String.raw`\$&`)).join('|')})`);

/** The pieces that the tokenizer looks up one by one; joined they are the text. */
export const splitWords = (text: string): string[] => text.split(markerPattern).flatMap((part) => (whole.includes(part) ? [part] : (part.match(word) ?? [])));

const commonWords = `the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all
were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like
him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did
get come made may part hello world system user assistant tool model message name content answer question function value true false null`.split(/\s+/);

/** @param words encoded pieces that must be tokens. @param size tokens in all; the rest is filled with invented words. */
export function createVocabulary(dialect: Dialect, size: number, words: readonly string[], seed: number): Vocabulary {
	const control = controlTokens[dialect];
	const tokens: string[] = [];
	const types: number[] = [];
	const index = new Map<string, number>();
	// llama.cpp aborts the process on two tokens with the same text
	const add = (text: string, type: number) => {
		if (index.has(text)) return;
		index.set(text, tokens.length);
		tokens.push(text);
		types.push(type);
	};
	for (const character of characterOf) add(character, tokenType.normal);
	for (const marker of markers) add(marker, tokenType.userDefined);
	for (const text of words) if (!control.tokens.includes(text)) add(text, tokenType.normal);
	const room = size - control.tokens.length;
	if (tokens.length > room) throw new Error(`the vocabulary has room for ${size} tokens, ${tokens.length + control.tokens.length} are needed`);
	const fill = (text: string) => tokens.length < room && add(text, tokenType.normal);
	for (const text of commonWords) {
		fill(encodeBytes(` ${text}`));
		fill(encodeBytes(text));
	}
	const random = createRandom(seed, 'vocabulary');
	while (tokens.length < room) {
		let text = random.unit() < 0.75 ? encodeBytes(' ') : '';
		for (let syllables = 1 + (random.integer() % 4); syllables > 0; syllables--) text += random.pick('bcdfghklmnprstvz') + random.pick('aeiou');
		fill(random.unit() < 0.4 ? text + random.pick('klmnrst') : text);
	}
	for (const text of control.tokens) add(text, tokenType.control);
	const indexOf = (encoded: string) => {
		const found = index.get(encoded);
		if (found === undefined) throw new Error(`no token ${JSON.stringify(encoded)} in the vocabulary`);
		return found;
	};
	return {
		tokens,
		types: Int32Array.from(types),
		// for words that are not in the vocabulary: pairs of common letters
		merges: tokens.filter((text, i) => types[i] === tokenType.normal && text.length === 2).map((text) => [...text].join(' ')),
		bos: indexOf(control.bos),
		eos: indexOf(control.eos),
		pad: indexOf(control.pad),
		control: control.tokens.map(indexOf),
		unspoken: [...control.tokens, ...markers, ...characterOf.filter((_, byte) => byte < 32 || byte > 126)].map(indexOf),
		indexOf
	};
}
