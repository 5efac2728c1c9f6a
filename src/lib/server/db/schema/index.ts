export * from './identity.ts';
export * from './models.ts';
export * from './conversations.ts';
