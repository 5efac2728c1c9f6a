import { describe, expect, it } from 'vitest';
import { decidePlacement, type Place, type Situation, type Wanted } from './eviction.ts';

const place = (key: string, options: Partial<Place> = {}): Place => ({
	key, phase: 'ready', draining: false, slotsBusy: 0, queued: 0, pinned: false, lastUsedAt: 0, readyAt: 0, bytes: 10, ...options
});
const wanted = (key: string, options: Partial<Wanted> = {}): Wanted => ({ key, since: 0, optional: false, bytes: 10, leastBytes: 5, ...options });
const decide = (situation: Partial<Situation>) => decidePlacement({ places: [], wanted: [], maxLoaded: 2, freeBytes: 100, now: 0, turnMs: 1000, ...situation });

describe('who is loaded', () => {
	it('loads what is wanted when there is room', () => {
		expect(decide({ wanted: [wanted('a')] })).toEqual({ do: 'load', key: 'a' });
	});

	it('does nothing when nothing is wanted', () => {
		expect(decide({ places: [place('a')] })).toEqual({ do: 'nothing' });
	});

	it('takes who waits longest first', () => {
		expect(decide({ wanted: [wanted('a', { since: 5 }), wanted('b', { since: 3 })] })).toEqual({ do: 'load', key: 'b' });
	});

	it('loads one at a time', () => {
		expect(decide({ places: [place('a', { phase: 'loading' })], wanted: [wanted('b')] })).toEqual({ do: 'nothing' });
	});

	it('evicts the least recently used idle model when the places are taken', () => {
		const places = [place('new', { lastUsedAt: 9 }), place('old', { lastUsedAt: 3 })];
		expect(decide({ places, wanted: [wanted('c')] })).toEqual({ do: 'evict', key: 'old', inFavourOf: 'c' });
	});

	it('evicts for bytes although a place is free', () => {
		expect(decide({ places: [place('a')], wanted: [wanted('b')], freeBytes: 4 })).toEqual({ do: 'evict', key: 'a', inFavourOf: 'b' });
	});

	it('never evicts a pinned one', () => {
		const places = [place('a', { pinned: true, lastUsedAt: 1 }), place('b', { lastUsedAt: 2 })];
		expect(decide({ places, wanted: [wanted('c')] })).toEqual({ do: 'evict', key: 'b', inFavourOf: 'c' });
	});

	it('never evicts a busy one: it waits', () => {
		const places = [place('a', { slotsBusy: 1 }), place('b', { slotsBusy: 1 })];
		expect(decide({ places, wanted: [wanted('c')] })).toEqual({ do: 'nothing' });
	});

	it('lets a busy one drain when its turn is over and another has waited as long', () => {
		const places = [place('a', { slotsBusy: 1, readyAt: 50 }), place('b', { slotsBusy: 1, readyAt: 20 })];
		expect(decide({ places, wanted: [wanted('c', { since: 30 })], now: 1029 })).toEqual({ do: 'nothing' });
		expect(decide({ places, wanted: [wanted('c', { since: 30 })], now: 1030 })).toEqual({ do: 'drain', key: 'b' });
	});

	it('leaves a model that was just loaded its turn, however long others wait', () => {
		const places = [place('a', { slotsBusy: 1, queued: 3, readyAt: 5000 })];
		expect(decide({ places, wanted: [wanted('b')], maxLoaded: 1, now: 5500 })).toEqual({ do: 'nothing' });
	});

	it('drains one at a time, and evicts it when its answers have ended, whoever waits for it', () => {
		const draining = place('a', { draining: true, slotsBusy: 1, queued: 4 });
		expect(decide({ places: [draining, place('b', { slotsBusy: 1 })], wanted: [wanted('c')], now: 9999 })).toEqual({ do: 'nothing' });
		expect(decide({ places: [{ ...draining, slotsBusy: 0 }, place('b', { slotsBusy: 1 })], wanted: [wanted('c')], now: 9999 })).toEqual({ do: 'evict', key: 'a', inFavourOf: 'c' });
	});

	it('waits for one that is closing instead of evicting another', () => {
		expect(decide({ places: [place('a', { phase: 'closing' }), place('b')], wanted: [wanted('c')] })).toEqual({ do: 'nothing' });
		expect(decide({ places: [place('a', { phase: 'closing' }), place('b')], wanted: [wanted('c', { bytes: 30 })], freeBytes: 10 })).toEqual({ do: 'evict', key: 'b', inFavourOf: 'c' });
		expect(decide({ places: [place('a', { phase: 'closing' }), place('b', { slotsBusy: 1 })], wanted: [wanted('c')], now: 9999 })).toEqual({ do: 'nothing' });
	});

	it('refuses what would not fit into an empty machine', () => {
		expect(decide({ places: [place('a')], wanted: [wanted('b', { bytes: 300, leastBytes: 200 })] })).toEqual({ do: 'refuse', key: 'b', reachableBytes: 110 });
	});

	it('refuses when all places are pinned', () => {
		const places = [place('a', { pinned: true }), place('b', { pinned: true })];
		expect(decide({ places, wanted: [wanted('c')] })).toEqual({ do: 'refuse', key: 'c', reachableBytes: undefined });
	});

	it('loads a model smaller than configured rather than not at all, after the idle ones have made room', () => {
		const tooBig = wanted('c', { bytes: 200, leastBytes: 50 });
		expect(decide({ places: [place('a')], wanted: [tooBig], freeBytes: 60 })).toEqual({ do: 'evict', key: 'a', inFavourOf: 'c' });
		expect(decide({ wanted: [tooBig], freeBytes: 70 })).toEqual({ do: 'load', key: 'c' });
	});

	it('waits for busy ones when then it fits as configured', () => {
		expect(decide({ places: [place('a', { slotsBusy: 1, bytes: 50 })], wanted: [wanted('c', { bytes: 60, leastBytes: 5 })], freeBytes: 20 })).toEqual({ do: 'nothing' });
	});

	it('evicts nobody for a model that nobody asked for', () => {
		expect(decide({ places: [place('a')], wanted: [wanted('b', { optional: true })], maxLoaded: 1 })).toEqual({ do: 'forgo', key: 'b' });
		expect(decide({ places: [place('a')], wanted: [wanted('b', { optional: true })] })).toEqual({ do: 'load', key: 'b' });
	});

	it('brings the number down to a lowered bound', () => {
		expect(decide({ places: [place('a', { lastUsedAt: 2 }), place('b', { lastUsedAt: 1 })], maxLoaded: 1 })).toEqual({ do: 'evict', key: 'b', inFavourOf: undefined });
	});
});
