import { relative } from 'node:path';
import ts from 'typescript';

const tab = (depth: number) => '\t'.repeat(depth);

/**
 * Writes types out as the structure they are, so that they need none of the packages they were inferred from.
 * A named type of `ownFolder` keeps its name: it is declared once, and its declaration goes into `declared`.
 */
export function typePrinter(checker: ts.TypeChecker, ownFolder: string) {
	const declared = new Map<string, string>();
	const names = new Map<ts.Symbol, string>();

	const isOwn = (symbol: ts.Symbol) => symbol.declarations?.some((one) => !relative(ownFolder, one.getSourceFile().fileName).startsWith('..')) ?? false;
	const isBuiltIn = (symbol: ts.Symbol) => symbol.declarations?.some((one) => /[\\/]typescript[\\/]lib[\\/]lib\.|[\\/]@types[\\/]node[\\/]/.test(one.getSourceFile().fileName)) ?? false;

	function docOf(symbol: ts.Symbol, depth: number): string {
		const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim().replaceAll('*/', '* /');
		if (!text) return '';
		const lines = text.split('\n');
		return lines.length === 1 ? `${tab(depth)}/** ${text} */\n` : `${tab(depth)}/**\n${lines.map((line) => `${tab(depth)} * ${line}\n`).join('')}${tab(depth)} */\n`;
	}

	/** Declares a named type once and answers with its name; two of the same name get numbers. */
	function reference(symbol: ts.Symbol, type: ts.Type): string {
		const known = names.get(symbol);
		if (known) return known;
		const taken = [...names.values()].filter((name) => name.replace(/\d+$/, '') === symbol.name).length;
		const name = taken ? `${symbol.name}${taken + 1}` : symbol.name;
		names.set(symbol, name);
		declared.set(name, `${docOf(symbol, 0)}type ${name} = ${structure(type, 0)};`);
		return name;
	}

	const args = (types: readonly ts.Type[], depth: number) => (types.length ? `<${types.map((one) => print(one, depth)).join(', ')}>` : '');

	function members(type: ts.Type, depth: number): string {
		const properties = checker.getPropertiesOfType(type).map((property) => {
			const optional = property.flags & ts.SymbolFlags.Optional;
			const whole = checker.getTypeOfSymbol(property);
			const shown = optional && whole.isUnion() ? without(whole, ts.TypeFlags.Undefined) : [whole];
			return `${docOf(property, depth + 1)}${tab(depth + 1)}${/^[A-Za-z_$][\w$]*$/.test(property.name) ? property.name : JSON.stringify(property.name)}${optional ? '?' : ''}: ${union(shown, depth + 1)};\n`;
		});
		const indexes = checker.getIndexInfosOfType(type).map((index) => `${tab(depth + 1)}[key: ${print(index.keyType, depth + 1)}]: ${print(index.type, depth + 1)};\n`);
		return properties.length + indexes.length ? `{\n${[...properties, ...indexes].join('')}${tab(depth)}}` : '{}';
	}

	const without = (type: ts.UnionType, flag: ts.TypeFlags) => type.types.filter((one) => !(one.flags & flag));

	function union(types: readonly ts.Type[], depth: number): string {
		const booleans = types.filter((one) => one.flags & ts.TypeFlags.BooleanLiteral);
		const shown = types.filter((one) => booleans.length < 2 || !booleans.includes(one)).map((one) => print(one, depth));
		return [...new Set(booleans.length === 2 ? [...shown, 'boolean'] : shown)].join(' | ');
	}

	function structure(type: ts.Type, depth: number): string {
		if (type.isUnion()) return union(type.types, depth);
		if (type.isIntersection() && !(type.flags & ts.TypeFlags.Object) && checker.getPropertiesOfType(type).length === 0) return type.types.map((one) => print(one, depth)).join(' & ');
		if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) {
			if (checker.isTupleType(type)) return `[${checker.getTypeArguments(type as ts.TypeReference).map((one) => print(one, depth)).join(', ')}]`;
			if (checker.isArrayType(type)) return `${(type as ts.TypeReference).target.symbol.name}<${print(checker.getTypeArguments(type as ts.TypeReference)[0]!, depth)}>`;
			if (checker.getSignaturesOfType(type, ts.SignatureKind.Call).length) throw new Error(`A function can't go over the wire: ${checker.typeToString(type)}`);
			return members(type, depth);
		}
		return checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
	}

	function print(type: ts.Type, depth: number): string {
		const { aliasSymbol: alias, aliasTypeArguments: given = [] } = type;
		if (alias?.name === 'TrackedEnvelope') return `TrackedEnvelope${args(given, depth)}`;
		if (alias && given.length === 0 && isOwn(alias)) return reference(alias, type);
		const symbol = type.getSymbol();
		if (symbol && type.flags & ts.TypeFlags.Object && !checker.isArrayType(type) && !checker.isTupleType(type) && isBuiltIn(symbol) && symbol.name !== '__type') {
			return `${symbol.name}${args(checker.getTypeArguments(type as ts.TypeReference), depth)}`;
		}
		return structure(type, depth);
	}

	return { print, docOf, declared };
}
