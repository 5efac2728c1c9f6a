import { expect, it } from 'vitest';
import { settingNames } from '#lib/server/env.ts';
import { about } from './environment.ts';

it('says of every setting what it is for', () => expect(Object.keys(about).toSorted()).toEqual(settingNames.toSorted()));
