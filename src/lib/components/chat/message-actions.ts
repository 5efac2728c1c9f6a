import type { ViewMessage } from '#lib/state/transcript.ts';

/** What a reader can do with the messages of a chat. */
export type MessageActions = {
	/** answers the question before an answer again */
	regenerate: (answer: ViewMessage) => void;
	/** asks a question in other words. False: it was not taken */
	edit: (question: ViewMessage, text: string) => Promise<boolean>;
	/** shows the branch that a stored message is in */
	showBranch: (messageId: string) => void;
	remove: (message: ViewMessage) => void;
};
