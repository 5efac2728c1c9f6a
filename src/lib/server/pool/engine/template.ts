/**
 * Renders a file's own chat template. A template is untrusted code from a downloaded file, so it runs in the Jinja interpreter
 * of @huggingface/jinja (no access to JavaScript), inside `node:vm` for the one thing that has a real time-out: V8 interrupts
 * even a single built-in call that never ends. The interpreter's `evaluate` is wrapped to bound the size of every
 * intermediate value, which bounds memory and output.
 */
import { createContext, Script } from 'node:vm';
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { AppError } from '../../errors.ts';

/** milliseconds for one rendering; a usual one takes 0.2 */
const usualTimeoutMs = 2000;
/** characters of a string, and 1/16 of it elements of a list, that a template may make */
const sizeLimit = 16 * 1024 * 1024;
const rangeLimit = 100_000;

/** ChatML, for a file without a template. */
export const defaultTemplate =
	"{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endfor %}" +
	"{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}";

class TemplateRefusal extends Error {}
class TemplateTooLarge extends Error {}

type Evaluate = InstanceType<typeof Interpreter>['evaluate'];
type Result = ReturnType<Evaluate>;
type Membership = { operator: { value: 'in' | 'not in' }; left: Parameters<Evaluate>[0]; right: Parameters<Evaluate>[0] };

/** In a program, what has a value already. */
class Evaluated {
	readonly type = 'Evaluated';
	readonly result: Result;
	constructor(result: Result) {
		this.result = result;
	}
}

const isMembership = (node: unknown): node is Membership => (node as { type?: string } | undefined)?.type === 'BinaryExpression' && ['in', 'not in'].includes((node as Membership).operator.value);

class BoundedInterpreter extends Interpreter {
	/** The library refuses to look for nothing in a list, which Jinja does not find there: gpt-oss's template does it with types that a schema lacks. */
	#membership(node: Membership, environment: Parameters<Evaluate>[1]): Result {
		const left = new Evaluated(this.evaluate(node.left, environment));
		const right = new Evaluated(this.evaluate(node.right, environment));
		const [sought, among]: unknown[] = [left.result.value, right.result.value];
		if ((sought ?? null) !== null || !(among instanceof Map || Array.isArray(among))) return super.evaluate({ ...node, left, right } as never, environment);
		const isThere = Array.isArray(among) && among.some((item: Result) => item.value === sought);
		const value = isThere === (node.operator.value === 'in') ? '==' : '!=';
		return super.evaluate({ ...node, operator: { ...node.operator, value }, left, right: left } as never, environment);
	}

	override evaluate(...args: Parameters<Evaluate>): Result {
		const [node, environment] = args;
		if (node instanceof Evaluated) return node.result;
		const result = isMembership(node) ? this.#membership(node, environment) : super.evaluate(...args);
		const value: unknown = result.value;
		if (typeof value === 'string' ? value.length > sizeLimit : Array.isArray(value) && value.length > sizeLimit / 16) throw new TemplateTooLarge();
		return result;
	}
}

function range(start: number, stop?: number, step = 1): number[] {
	const [from, to] = stop === undefined ? [0, start] : [start, stop];
	const length = Math.max(0, Math.ceil((to - from) / step));
	if (!(length <= rangeLimit)) throw new TemplateTooLarge();
	return Array.from({ length }, (_, i) => from + i * step);
}

/** Python's strftime as far as templates use it, in English as Python's C locale. */
function strftime(format: string, now = new Date()): string {
	const name = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-US', options).format(now);
	const two = (value: number) => String(value).padStart(2, '0');
	const fields: Record<string, () => string> = {
		'%Y': () => String(now.getFullYear()), '%y': () => two(now.getFullYear() % 100), '%m': () => two(now.getMonth() + 1), '%d': () => two(now.getDate()),
		'%H': () => two(now.getHours()), '%I': () => two(now.getHours() % 12 || 12), '%M': () => two(now.getMinutes()), '%S': () => two(now.getSeconds()),
		'%p': () => (now.getHours() < 12 ? 'AM' : 'PM'), '%b': () => name({ month: 'short' }), '%B': () => name({ month: 'long' }),
		'%a': () => name({ weekday: 'short' }), '%A': () => name({ weekday: 'long' }), '%%': () => '%'
	};
	return String(format).replace(/%./g, (field) => fields[field]?.() ?? field);
}

const globals: Record<string, unknown> = {
	true: true, false: false, none: null, True: true, False: false, None: null,
	range,
	strftime_now: (format: string) => strftime(format),
	raise_exception: (message: unknown) => {
		throw new TemplateRefusal(String(message));
	}
};

const sandbox = createContext({ work: undefined as (() => unknown) | undefined });
const entry = new Script('work()');

/** Runs `work` and interrupts it after `ms`. */
function withTimeout<T>(work: () => T, ms: number): T {
	sandbox.work = work;
	try {
		return entry.runInContext(sandbox, { timeout: ms }) as T;
	} finally {
		sandbox.work = undefined;
	}
}

function failure(thrown: unknown, timeoutMs: number): AppError {
	if (thrown instanceof TemplateRefusal) return new AppError('VALIDATION_ERROR', `The model's chat template refuses these messages: ${thrown.message.slice(0, 500)}`);
	const reason =
		thrown instanceof TemplateTooLarge ? 'it makes too much text'
		: (thrown as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? `it ran for more than ${timeoutMs} ms`
		: thrown instanceof Error ? thrown.message.slice(0, 500)
		: 'unknown error';
	return new AppError('MODEL_LOAD_ERROR', `The chat template in the model's file cannot be rendered: ${reason}`, { cause: thrown });
}

export type Template = { render(variables: Record<string, unknown>): string };

/**
 * Parses a template once. Parsing and rendering throw MODEL_LOAD_ERROR (a broken, endless or oversized template) or
 * VALIDATION_ERROR (the template itself refused the messages).
 */
export function createTemplate(source: string, { timeoutMs = usualTimeoutMs } = {}): Template {
	let program: ReturnType<typeof parse> | undefined;
	return {
		render(variables) {
			try {
				return withTimeout(() => {
					program ??= parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
					const environment = new Environment();
					for (const [name, value] of Object.entries({ ...variables, ...globals })) environment.set(name, value as never);
					return (new BoundedInterpreter(environment).run(program) as { value: string }).value;
				}, timeoutMs);
			} catch (thrown) {
				throw failure(thrown, timeoutMs);
			}
		}
	};
}
