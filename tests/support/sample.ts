import { createRandom } from './gguf/random.ts';

/** All that there is, as `npm run soak deep` asks for it. */
export const whole = process.env.TESTS === 'all';

/** Whether `npm test` takes this one of many alike: such a share of them, chosen by their names. */
export const sampled = (name: string, share: number): boolean => whole || createRandom(1, name).unit() < share;
