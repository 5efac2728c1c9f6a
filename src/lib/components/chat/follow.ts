import type { Attachment } from 'svelte/attachments';

/** Within this many pixels of the end a reader counts as being there. */
const nearPx = 8;

export type Follow = { attach: Attachment<HTMLElement>; toEnd: () => void; /** no longer, until the end is reached again */ leave: () => void };

/**
 * Keeps a scrolling element at its end while its first child grows, until the person scrolls up; at the end again, it follows again.
 * @param onChange whether it follows, each time that changes
 */
export function followEnd(onChange: (following: boolean) => void): Follow {
	let element: HTMLElement | undefined;
	let following = true;
	let lastTop = 0;
	const distance = () => element!.scrollHeight - element!.clientHeight - element!.scrollTop;
	const set = (next: boolean) => {
		if (next !== following) onChange((following = next));
	};
	const toEnd = () => {
		if (!element) return;
		element.scrollTop = element.scrollHeight;
		lastTop = element.scrollTop;
		set(true);
	};
	const attach: Attachment<HTMLElement> = (node) => {
		element = node;
		const onScroll = () => {
			if (distance() <= nearPx) set(true);
			else if (node.scrollTop < lastTop) set(false);
			lastTop = node.scrollTop;
		};
		const sizes = new ResizeObserver(() => {
			if (following) toEnd();
		});
		sizes.observe(node);
		if (node.firstElementChild) sizes.observe(node.firstElementChild);
		node.addEventListener('scroll', onScroll, { passive: true });
		return () => {
			sizes.disconnect();
			node.removeEventListener('scroll', onScroll);
		};
	};
	return { attach, toEnd, leave: () => set(false) };
}
