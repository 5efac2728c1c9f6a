import { join } from 'node:path';
import ts from 'typescript';
import { typePrinter } from './print-types.ts';

const kinds: Record<string, string> = { query: 'TRPCQueryProcedure', mutation: 'TRPCMutationProcedure', subscription: 'TRPCSubscriptionProcedure' };

/** A TypeScript program over one file, with the project's own settings. */
function programOf(root: string, file: string): ts.Program {
	const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
	const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [], files: [file, join(root, 'src/app.d.ts')] }, ts.sys, root);
	return ts.createProgram([file], { ...options, noEmit: true });
}

/**
 * The router's type as a declaration of its own: every input and output written out, nothing of the server behind it.
 * @throws when a type can't be written so
 */
export function routerDeclaration(root: string): string {
	const file = join(root, 'src/lib/server/trpc/router.ts');
	const program = programOf(root, file);
	const checker = program.getTypeChecker();
	const source = program.getSourceFile(file)!;
	const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source)!).find(({ name }) => name === 'appRouter')!;
	const { print, docOf, declared } = typePrinter(checker, join(root, 'src'));

	const member = (type: ts.Type, name: string) => checker.getTypeOfSymbol(checker.getPropertyOfType(type, name)!);
	const definition = member(checker.getTypeOfSymbol(exported), '_def');

	function record(type: ts.Type, depth: number): string {
		const tab = '\t'.repeat(depth + 1);
		const entries = checker.getPropertiesOfType(type).map((property) => {
			const at = checker.getTypeOfSymbol(property);
			const own = checker.getPropertyOfType(at, '_def');
			if (!own) return `${docOf(property, depth + 1)}${tab}${property.name}: ${record(at, depth + 1)};\n`;
			const [kind, types] = [member(checker.getTypeOfSymbol(own), 'type'), member(checker.getTypeOfSymbol(own), '$types')];
			const [input, output] = [print(member(types, 'input'), depth + 1), print(member(types, 'output'), depth + 1)];
			return `${docOf(property, depth + 1)}${tab}${property.name}: ${kinds[(kind as ts.StringLiteralType).value]}<{ input: ${input}; output: ${output}; meta: object }>;\n`;
		});
		return `{\n${entries.join('')}${'\t'.repeat(depth)}}`;
	}

	const procedures = record(member(definition, 'record'), 0);
	const errorShape = print(member(member(member(definition, '_config'), '$types'), 'errorShape'), 0);
	return [
		"import type { TrackedEnvelope, TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure, TRPCSubscriptionProcedure } from '@trpc/server';",
		...declared.values(),
		`type Procedures = ${procedures};`,
		`type ErrorShape = ${errorShape};`,
		'/** Everything that can be called, with its types. */',
		'export type AppRouter = TRPCBuiltRouter<{ ctx: object; meta: object; errorShape: ErrorShape; transformer: true }, Procedures>;',
		''
	].join('\n');
}
