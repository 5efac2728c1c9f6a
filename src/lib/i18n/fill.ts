/** Fills `{names}` in a text; with `one | other` forms, `count` chooses by the language's rule. Numbers are grouped its way. */
export function fill(text: string, language: string, values: Record<string, string | number> = {}): string {
	const forms = text.split(' | ');
	const form = forms.length === 2 && new Intl.PluralRules(language).select(Number(values.count)) !== 'one' ? forms[1]! : forms[0]!;
	return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
		const value = values[name];
		return typeof value === 'number' ? value.toLocaleString(language) : (value ?? whole);
	});
}
