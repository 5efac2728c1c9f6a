import { describe } from 'vitest';
import { aiSdk } from './ai-sdk.ts';
import { anthropic } from './anthropic.ts';
import { langChain } from './langchain.ts';
import { openAi } from './openai.ts';
import { useTarget } from './target.ts';

// One server for all of them; it keeps the order of these lines.
const target = useTarget();
describe('openai', () => openAi(target));
describe('@anthropic-ai/sdk', () => anthropic(target));
describe('ai with @ai-sdk/openai-compatible', () => aiSdk(target));
describe('@langchain/openai', () => langChain(target));
