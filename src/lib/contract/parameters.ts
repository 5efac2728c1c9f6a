/** A parameter as it is shown: what it is and what holds. Members that mean nothing for it are absent. */
export type ParameterRow = {
	name: string;
	category: 'model' | 'system' | 'performance';
	value: unknown;
	default: unknown;
	description: string;
	type: 'number' | 'integer' | 'boolean' | 'string' | 'strings';
	min?: number;
	max?: number;
	step?: number;
	unit?: string;
	options?: readonly string[];
	/** null is a value: "decide by itself" */
	nullable?: boolean;
	/** may differ from model to model */
	perModel: boolean;
	/** the environment variable that decides it; it can't be changed here */
	locked?: string;
	/** where the value comes from: `model` is the model's own, `all` the one set for every model */
	source: 'environment' | 'model' | 'all' | 'default';
};
