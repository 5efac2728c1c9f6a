import { parameters } from '../../src/lib/server/parameters/catalogue.ts';
import { errorTable } from '../../src/lib/contract/errors.ts';
import { en } from '../../src/lib/i18n/en.ts';
import { fr } from '../../src/lib/i18n/fr.ts';

// Subjects that follow from the program's own tables, so that what the guide says of them is what holds: one for each
// parameter and each error code. Written as a subjects file.

type Key = keyof typeof en;
const nameIn = (text: Record<string, unknown>, key: Key) => text[key] as string;
const lower = (text: string) => (/^\p{Lu}\p{Ll}/u.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text);

/** Other words for a parameter, by which people ask: nouns, English then French. */
const otherNames: Record<string, [string, string]> = {
	temperature: ['[the] temp|[the] temperature|[the] temperature (setting|parameter|value|slider)|[the] sampling temperature', 'la température|la temp|le réglage de température|la température d’échantillonnage'],
	maxTokens: ['[the] max tokens|max_tokens|[the] (maximum|max) (length|size) of an answer|[the] token limit|[the] maximum number of tokens|[the] answer length limit', 'le nombre maximal de jetons|la limite de jetons|max_tokens|la longueur maximale d’une réponse|la limite de tokens'],
	topP: ['top p|top_p|top-p|nucleus sampling', 'top p|top_p|top-p|l’échantillonnage nucleus'],
	topK: ['top k|top_k|top-k', 'top k|top_k|top-k'],
	minP: ['min p|min_p|min-p', 'min p|min_p|min-p'],
	repeatPenalty: ['[the] repeat penalty|repeat_penalty|[the] repetition penalty|[the] penalty for repeating', 'la pénalité de répétition|repeat_penalty|le repeat penalty'],
	presencePenalty: ['[the] presence penalty|presence_penalty', 'la pénalité de présence|presence_penalty'],
	frequencyPenalty: ['[the] frequency penalty|frequency_penalty', 'la pénalité de fréquence|frequency_penalty'],
	seed: ['[the] seed|[the] random seed|[the] seed (parameter|number)', 'la graine|la graine aléatoire|le seed|le paramètre seed'],
	stop: ['[the] stop (sequences|strings|texts|words|parameter)|[the] stop sequence', 'les séquences d’arrêt|les textes d’arrêt|le paramètre stop|les mots d’arrêt'],
	loadTimeout: ['[the] load (timeout|time-out|time limit)|[the] loading timeout', 'le délai de chargement|la durée maximale de chargement|le timeout de chargement'],
	progressTimeout: ['[the] progress (timeout|time-out)|[the] generation timeout|[the] time without a token', 'le délai de progression|le délai sans jeton|le timeout de génération'],
	queueLimit: ['[the] queue limit|[the] (size|length) of the queue|[the] maximum queue [length]|[the] waiting line', 'la limite de la file [d’attente]|la taille de la file [d’attente]|la longueur de la file'],
	queueLimitPerUser: ['[the] queue limit per user|[the] per-user queue limit|[the] queue limit of one user', 'la limite de file par utilisateur|la file d’attente par utilisateur'],
	memoryReserve: ['[the] memory reserve|[the] reserved memory|[the] memory kept free|[the] RAM (left|kept) free', 'la réserve de mémoire|la mémoire réservée|la mémoire laissée libre|la RAM gardée libre'],
	statusInterval: ['[the] status interval|[the] interval of status messages', 'l’intervalle d’état|l’intervalle des messages d’état'],
	sampleRetention: ['[the] sample retention|how long (samples|measurements|monitoring data) are kept|[the] retention of monitoring samples', 'la rétention des mesures|la durée de conservation des mesures|combien de temps les mesures sont gardées'],
	logRetention: ['[the] log retention|how long (logs|log files) are kept|[the] retention of logs', 'la rétention des journaux|la durée de conservation des journaux|combien de temps les journaux sont gardés|la rétention des logs'],
	auditRetention: ['[the] audit retention|how long the audit trail is kept|[the] retention of the audit trail', 'la rétention de l’audit|la durée de conservation de l’audit'],
	logLevel: ['[the] log level|[the] verbosity of the log|[the] logging level', 'le niveau de journalisation|le niveau de log|la verbosité du journal'],
	contextLength: ['[the] context (length|size|window)|[the] size of the context|n_ctx|[the] context', 'la longueur de contexte|la taille du contexte|la fenêtre de contexte|le contexte|n_ctx'],
	parallelSlots: ['[the] parallel slots|[the] slots|[the] number of slots|how many answers (run at once|at the same time)', 'les emplacements parallèles|les slots|le nombre de slots|combien de réponses en parallèle'],
	batchSize: ['[the] batch size|n_batch|[the] size of a batch', 'la taille de lot|la taille des lots|n_batch|le batch size'],
	threads: ['[the] threads|[the] number of threads|[the] CPU threads|[the] thread count', 'les threads|le nombre de threads|les fils d’exécution|le nombre de cœurs utilisés'],
	gpuLayers: ['[the] gpu layers|n_gpu_layers|[the] layers on the gpu|ngl|gpu offload[ing]', 'les couches GPU|n_gpu_layers|les couches sur le GPU|le nombre de couches GPU'],
	flashAttention: ['flash attention|[the] flash attention (setting|parameter)', 'flash attention|l’attention flash|la flash attention'],
	kvCacheType: ['[the] kv cache type|[the] type of the kv cache|[the] kv cache quantization|[the] kv cache', 'le type du cache kv|le cache kv|la quantification du cache kv'],
	idleUnload: ['[the] idle unload [time]|[the] idle timeout [of a model]|when an idle model is unloaded|automatic unloading', 'le déchargement automatique|le délai d’inactivité|quand un modèle inactif est déchargé|le déchargement des modèles inactifs']
};

const unitsFr: Record<string, string> = { tokens: 'jetons', requests: 'requêtes', days: 'jours', answers: 'réponses', layers: 'couches' };
const shownValue = (value: unknown, automatic: string, none: string): string =>
	value === null ? automatic : Array.isArray(value) ? none : typeof value === 'boolean' ? String(value) : String(value);

function parameterSubject(name: string): string {
	const p = parameters[name as keyof typeof parameters];
	const bounds = (unit: string | undefined, to: string) => (p.min === undefined ? '' : ` (${p.min} ${to} ${p.max}${unit ? ` ${unit}` : ''})`);
	const options = p.options ? p.options.join(', ') : '';
	const ea = `${name}: ${lower(nameIn(en, `parameter.${name}` as Key))}. The default is ${shownValue(p.default, 'automatic', 'none')}${bounds(p.unit, 'to')}${options ? `, of ${options}` : ''}. An administrator sets it on the Parameters page${p.perModel ? ', for all models or for one' : ''}${p.category === 'model' ? '; a chat’s Set up and a request may have their own' : ''}.`;
	const fa = `${name} : ${lower(nameIn(fr, `parameter.${name}` as Key))}. Par défaut : ${shownValue(p.default, 'automatique', 'aucun')}${bounds(p.unit && (unitsFr[p.unit] ?? p.unit), 'à')}${options ? `, parmi ${options}` : ''}. Un administrateur le règle dans la page Paramètres${p.perModel ? ', pour tous les modèles ou pour un seul' : ''}${p.category === 'model' ? ' ; « Régler » dans une discussion et une requête peuvent en avoir un autre' : ''}.`;
	const spaced = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
	const [ens, frs] = otherNames[name] ?? [spaced, spaced];
	const enNames = `(${name}|${spaced}|the ${name} parameter|[the] parameter ${name}|${ens})`;
	const frNames = `(${name}|le paramètre ${name}|${frs})`;
	const rest = p.min === undefined ? '' : `\neq what [values] (is|are) allowed for ${enNames}\neq (range|bounds|limits|minimum|maximum) of ${enNames}\nfq quelles [sont les] valeurs (possibles|permises) (de|pour) ${frNames}`;
	return `== parameter.${name}
about parameter
ea ${ea}
fa ${fa}
en ${enNames}
ev (set|change|increase|lower|adjust|raise|decrease|configure|modify|put) ${enNames}
eq (what is|what's) the default [value] of ${enNames}
eq default ${enNames}
fn ${frNames}
fv (régler|changer|augmenter|baisser|ajuster|modifier|diminuer|configurer) ${frNames}
fq quelle est la valeur par défaut de ${frNames}
fq ${frNames} par défaut${rest}`;
}

/** What an error means and what to do, English then French; without the code and the status, which the table gives. */
const errorAdvice: Partial<Record<keyof typeof errorTable, [string, string]>> = {
	VALIDATION_ERROR: ['a value in the request is missing or wrong. The list "errors" says which; correct it and send the request again.', 'une valeur de la requête manque ou est fausse. La liste « errors » dit laquelle ; corrigez-la et renvoyez la requête.'],
	MALFORMED_BODY: ['the body of the request is not valid JSON. Check quotes, commas and brackets.', 'le corps de la requête n’est pas du JSON valide. Vérifiez guillemets, virgules et accolades.'],
	CONTEXT_LENGTH_EXCEEDED: ['the conversation is longer than the model’s context. Start a new chat, shorten the message, or raise contextLength on the Parameters page.', 'la conversation dépasse le contexte du modèle. Ouvrez une nouvelle discussion, raccourcissez le message ou augmentez contextLength dans la page Paramètres.'],
	UNSUPPORTED_PARAMETER: ['the request asks for something this server or this model cannot do. Leave that member out.', 'la requête demande une chose que ce serveur ou ce modèle ne sait pas faire. Retirez ce paramètre.'],
	UNAUTHORIZED: ['you are not signed in, or the token or key is wrong or has ended. Sign in again, or send a valid "Authorization: Bearer" header.', 'vous n’êtes pas connecté, ou le jeton ou la clé est faux ou terminé. Reconnectez-vous ou envoyez un en-tête « Authorization: Bearer » valide.'],
	FORBIDDEN: ['you are signed in, but your role does not allow this. Ask an administrator.', 'vous êtes connecté, mais votre rôle ne le permet pas. Demandez à un administrateur.'],
	CSRF_FAILED: ['a request with a cookie came without proof that it is from this site. Reload the page, or send the X-CSRF-Token of /api/auth/csrf, or use a Bearer token.', 'une requête avec cookie est venue sans preuve qu’elle vient de ce site. Rechargez la page, envoyez le X-CSRF-Token de /api/auth/csrf, ou utilisez un jeton Bearer.'],
	ORIGIN_NOT_ALLOWED: ['a web page of another site made the request. Add its origin to CORS_ORIGINS if you trust it.', 'une page d’un autre site a fait la requête. Ajoutez son origine à CORS_ORIGINS si vous lui faites confiance.'],
	PATH_NOT_ALLOWED: ['the path lies outside the models folder. Move the file below MODELS_DIR, or let an administrator register it.', 'le chemin est hors du dossier des modèles. Déplacez le fichier sous MODELS_DIR, ou faites-le enregistrer par un administrateur.'],
	NOT_FOUND: ['there is nothing at this address, or it was removed. Check the path of the request.', 'il n’y a rien à cette adresse, ou cela a été supprimé. Vérifiez le chemin de la requête.'],
	MODEL_NOT_FOUND: ['no model has that name. GET /api/models and the Models page list the names there are.', 'aucun modèle ne porte ce nom. GET /api/models et la page Modèles donnent les noms existants.'],
	CONVERSATION_NOT_FOUND: ['the conversation does not exist, was deleted, or belongs to another user.', 'la conversation n’existe pas, a été supprimée ou appartient à un autre utilisateur.'],
	CATEGORY_NOT_FOUND: ['there is no such parameter category. The categories are model, system and performance.', 'cette catégorie de paramètres n’existe pas. Les catégories sont model, system et performance.'],
	PARAMETER_NOT_FOUND: ['there is no parameter of that name. GET /api/parameters/model, /system and /performance list them.', 'aucun paramètre ne porte ce nom. GET /api/parameters/model, /system et /performance les donnent.'],
	METHOD_NOT_ALLOWED: ['this address exists, but not with this method. The header Allow says which methods work.', 'cette adresse existe, mais pas avec cette méthode. L’en-tête Allow dit lesquelles conviennent.'],
	CONFLICT: ['the change clashes with what is there, such as a name that is taken. Choose another.', 'le changement heurte ce qui existe, par exemple un nom déjà pris. Choisissez-en un autre.'],
	PAYLOAD_TOO_LARGE: ['the request is larger than 10 MiB. Send less at once.', 'la requête dépasse 10 Mio. Envoyez-en moins à la fois.'],
	UNSUPPORTED_MEDIA_TYPE: ['the body has the wrong type. Send the header "Content-Type: application/json".', 'le corps est du mauvais type. Envoyez l’en-tête « Content-Type: application/json ».'],
	UPGRADE_REQUIRED: ['this address speaks WebSocket only. Connect to it with ws://.', 'cette adresse ne parle que WebSocket. Connectez-vous avec ws://.'],
	RATE_LIMITED: ['too many requests in one minute. Wait as long as the header Retry-After says.', 'trop de requêtes en une minute. Attendez la durée que donne l’en-tête Retry-After.'],
	TOO_MANY_STREAMS: ['too many answers are being generated for you at once. Wait until one has ended.', 'trop de réponses sont générées pour vous en même temps. Attendez que l’une soit finie.'],
	INTERNAL_ERROR: ['something failed inside the server. Look for the request id on the Logs page.', 'quelque chose a échoué dans le serveur. Cherchez l’identifiant de requête dans la page Journaux.'],
	MODEL_LOAD_ERROR: ['the model file could not be opened: damaged, incomplete or of an unknown kind. The Models page shows the reason.', 'le fichier du modèle n’a pas pu être ouvert : abîmé, incomplet ou d’un type inconnu. La page Modèles en montre la raison.'],
	ENGINE_CRASHED: ['the process that ran the model ended unexpectedly. It is started again by itself; try once more.', 'le processus du modèle s’est arrêté de façon inattendue. Il redémarre tout seul ; réessayez.'],
	UPSTREAM_UNAVAILABLE: ['the other server, such as LM Studio, does not answer. Check that it runs and that its address is right.', 'l’autre serveur, par exemple LM Studio, ne répond pas. Vérifiez qu’il est démarré et que son adresse est juste.'],
	QUEUE_FULL: ['too many requests wait for this model. Try again after the time in Retry-After, or raise queueLimit.', 'trop de requêtes attendent ce modèle. Réessayez après la durée de Retry-After, ou augmentez queueLimit.'],
	MODEL_DOES_NOT_FIT: ['the model needs more memory than is free; the message has the figures. Unload another model, choose a smaller one, or lower contextLength.', 'le modèle demande plus de mémoire qu’il n’y en a ; le message donne les chiffres. Déchargez un autre modèle, prenez-en un plus petit ou baissez contextLength.'],
	TIMEOUT: ['it took too long. The limit is 30 seconds for an operation and 30 seconds without a token for an answer; try again, or use a smaller model.', 'c’était trop long. La limite est de 30 secondes pour une opération, et de 30 secondes sans jeton pour une réponse ; réessayez ou prenez un modèle plus petit.']
};

/** Errors that are asked for by their status alone. */
const byStatus: Record<number, keyof typeof errorTable> = { 401: 'UNAUTHORIZED', 403: 'FORBIDDEN', 405: 'METHOD_NOT_ALLOWED', 409: 'CONFLICT', 413: 'PAYLOAD_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE', 426: 'UPGRADE_REQUIRED', 429: 'RATE_LIMITED', 500: 'INTERNAL_ERROR', 502: 'UPSTREAM_UNAVAILABLE', 504: 'TIMEOUT' };

function errorSubject(code: keyof typeof errorTable): string {
	const { status } = errorTable[code];
	const spaced = code.toLowerCase().replaceAll('_', ' ');
	const number = byStatus[status] === code ? `|[the] [http] [error|status] [code] ${status}` : '';
	const names = `(${code}|${code.toLowerCase()}|[the] error ${code}|[the] ${code} error|${code === 'NOT_FOUND' || code === 'TIMEOUT' || code === 'CONFLICT' || code === 'FORBIDDEN' ? `error "${spaced}"` : spaced}${number})`;
	const frNumber = byStatus[status] === code ? `|[l’]erreur ${status}|le code ${status}|[l’]erreur http ${status}` : '';
	const frNames = `(${code}|[l’]erreur ${code}|le code ${code}|${code.toLowerCase()}${frNumber})`;
	const [advice, conseil] = errorAdvice[code]!;
	return `== error.${code}
about error
ea ${code} (${status}): ${advice}
fa ${code} (${status}) : ${conseil}
en ${names}
ev (fix|solve|avoid|get rid of|understand|handle) ${names}
eq (I|we) (get|got|see|keep getting|receive|have) [a|an] ${names}
eq (the server|it|my program|my script|the page) (says|answers|returns|shows|gives [me]|responds [with]) ${names}
eq why [do I get|am I getting|is there] [a|an] ${names}
eq ${names} [when I send a request|in the chat|what now|what to do|help]
fn ${frNames}
fv (corriger|résoudre|éviter|comprendre) ${frNames}
fq (j’ai|je reçois|j’obtiens|on me renvoie|il y a) [une|l’]${frNames}
fq (le serveur|il|mon programme|mon script|la page) (dit|répond|renvoie|affiche|me donne) ${frNames}
fq pourquoi [ai-je|j’ai|est-ce que j’ai] ${frNames}
fq que faire (contre|avec|en cas de|quand j’ai) ${frNames}`;
}

/** All of them, as a subjects file. */
export const catalogueSubjects = (): string =>
	[...Object.keys(parameters).map(parameterSubject), ...(Object.keys(errorTable) as (keyof typeof errorTable)[]).filter((code) => code in errorAdvice).map(errorSubject)].join('\n\n');
