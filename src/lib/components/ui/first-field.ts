/**
 * Where the keys are when a dialog has opened: in its first field, or on the dialog itself, from where Tab goes on; never on the
 * button that closes it. For `onOpenAutoFocus`.
 */
export function focusFirstField(event: Event, dialog: HTMLElement | null): void {
	event.preventDefault();
	if (dialog?.contains(document.activeElement)) return;
	(dialog?.querySelector<HTMLElement>('input:not([type=hidden], [type=file], :disabled), textarea:not(:disabled)') ?? dialog)?.focus({ preventScroll: true });
}
