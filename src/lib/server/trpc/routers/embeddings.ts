import { detokenizeRequestSchema, embeddingsRequestSchema, rerankRequestSchema, tokenizeRequestSchema } from '../../../contract/embeddings.ts';
import { detokenize, embed, rerank, tokenize } from '../../models/compute.ts';
import { router, userProcedure } from '../init.ts';

export const embeddingsRouter = router({
	create: userProcedure.input(embeddingsRequestSchema).mutation(({ ctx, input }) => embed(input.model, input.inputs, input.dimensions, { user: ctx.identity.userId, priority: 'interactive' }, ctx.signal)),
	rerank: userProcedure.input(rerankRequestSchema).mutation(({ ctx, input }) => rerank(input.model, input.query, input.documents, input, { user: ctx.identity.userId, priority: 'interactive' }, ctx.signal)),
	tokenize: userProcedure.input(tokenizeRequestSchema).mutation(({ ctx, input }) => tokenize(input.model, input.text, ctx.signal)),
	detokenize: userProcedure.input(detokenizeRequestSchema).mutation(({ ctx, input }) => detokenize(input.model, input.tokens, ctx.signal))
});
