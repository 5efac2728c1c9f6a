/** The bytes of a vocabulary's tokens, which text can't tell: a token may be a part of a character. Pure. */

/** llama.cpp's `llama_vocab_type`. */
const byteLevelVocabulary = 2;

/** GPT-2's printable stand-ins for bytes, read backwards. */
const byteOf = new Map<string, number>();
for (let byte = 0, spare = 256; byte < 256; byte++) {
	const isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
	byteOf.set(String.fromCharCode(isPrintable ? byte : spare++), byte);
}

export type TokenBytes = (token: number) => Uint8Array;

/** `spelling`: a token as the vocabulary spells it; `isControl`: tokens that are spelled as they are. */
export function createTokenBytes(vocabularyType: number, spelling: (token: number) => string, isControl: (token: number) => boolean): TokenBytes {
	return (token) => {
		const text = spelling(token);
		if (isControl(token)) return Buffer.from(text, 'utf8');
		if (vocabularyType === byteLevelVocabulary) return Buffer.concat([...text].map((letter) => (byteOf.has(letter) ? Buffer.of(byteOf.get(letter)!) : Buffer.from(letter, 'utf8'))));
		const byte = /^<0x([0-9A-F]{2})>$/iu.exec(text)?.[1];
		return byte === undefined ? Buffer.from(text.replaceAll('\u2581', ' '), 'utf8') : Buffer.of(parseInt(byte, 16));
	};
}
