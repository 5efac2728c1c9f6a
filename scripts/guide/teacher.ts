import { frames, framed, inOtherLanguage, pronounActions } from './frames.ts';
import { readDictionary } from './dictionary.ts';
import { typed } from './noise.ts';
import { createRandom, pick, say, wordsOf, type Phrase } from './phrase.ts';
import { languages, readSubjects, type Language, type Subject } from './read-subjects.ts';

export type Answer = { name: string; language: Language; text: string };
/** Questions with the number of the answer to each, oldest first. */
/** `given`: this question is not what its answer is to, so that only the answer tells what was spoken about. */
export type Dialogue = [question: string, answer: number, given?: 1][];

/** How often a question is about something else. */
const otherShare = 0.5;

/** Makes dialogues to learn from, each from its number on: the same seed gives the same ones. */
export function createTeacher(seed: number) {
	const { subjects, macros } = readSubjects();
	const random = createRandom(seed);
	const answers: Answer[] = subjects.flatMap(({ name, ...subject }) => languages.map((language) => ({ name, language, text: subject[language].answer })));
	const numbers = new Map(answers.map(({ name, language }, number) => [`${name}/${language}`, number]));
	const numberOf = (subject: Subject, language: Language) => numbers.get(`${subject.name}/${language}`)!;
	const byName = new Map(subjects.map((subject) => [subject.name, subject]));
	const other = byName.get('other')!;
	const known = subjects.filter((subject) => subject !== other);
	// Of the roundabout ways to ask, the last one of each subject is kept for the examination.
	for (const subject of known)
		for (const language of languages) for (const text of subject[language].roundabout.slice(0, -1)) subject[language].questions.push([text]);
	const spoken = (phrase: Phrase) => say(phrase, macros, random);

	const knownWords = new Set([...known.flatMap((subject) => languages.flatMap((language) => [...subject[language].verbs, ...subject[language].nouns, ...subject[language].questions].flatMap(wordsOf))), ...[...macros].filter(([name]) => !/^(thing|deed|place|person|field|code|product|useof|f?chose|ffaire|flieu|fpersonne|fdomaine|fproduit|fusage)$/.test(name)).flatMap(([, phrase]) => wordsOf(phrase))]);
	const dictionary = { en: readDictionary('en', knownWords), fr: readDictionary('fr', knownWords) };
	const word = (language: Language) => pick(random, dictionary[language]);
	const articles = { en: ['a ', 'the ', 'my ', '', 'this ', 'some ', 'your '], fr: ['un ', 'une ', 'le ', 'la ', 'les ', 'des ', 'mon ', 'ma ', ''] };
	const nounPhrase = (language: Language) => pick(random, articles[language]) + word(language);
	const links = { en: [' of ', ' in ', ' for ', ' with ', ' on ', ' and ', ' from ', ' '], fr: [' de ', ' dans ', ' pour ', ' avec ', ' sur ', ' et ', ' '] };
	/** A question of everyday words, in a frame or without. */
	function everyday(language: Language): string {
		const said = (): string => nounPhrase(language) + (random() < 0.5 ? pick(random, links[language]) + nounPhrase(language) : '');
		const chance = random();
		if (chance < 0.3) return framed(spoken(pick(random, frames[language].noun)), said(), language);
		if (chance < 0.6) {
			const verb = random() < 0.4 ? spoken(macros.get(language === 'en' ? 'deed' : 'ffaire')!) : random() < 0.4 ? pick(random, doing[language]) : word(language);
			return framed(spoken(pick(random, frames[language].verb)), `${verb} ${said()}`, language);
		}
		if (chance < 0.8) return `${pick(random, asking[language])} ${said()}${random() < 0.5 ? ` ${word(language)}` : ''}`;
		return Array.from({ length: 1 + Math.floor(random() * 8) }, () => (random() < 0.3 ? nounPhrase(language) : word(language))).join(' ');
	}
	/** What is also done to models, keys and users. */
	const doing = {
		en: ['add', 'remove', 'delete', 'create', 'change', 'rename', 'load', 'stop', 'start', 'use', 'find', 'see', 'export', 'edit', 'set', 'open', 'get', 'download', 'choose', 'register', 'make', 'reset', 'search', 'copy', 'install', 'update', 'attach', 'run'],
		fr: ['ajouter', 'supprimer', 'retirer', 'créer', 'changer', 'renommer', 'charger', 'arrêter', 'démarrer', 'utiliser', 'trouver', 'voir', 'exporter', 'modifier', 'régler', 'ouvrir', 'obtenir', 'télécharger', 'choisir', 'enregistrer', 'faire', 'réinitialiser', 'chercher', 'copier', 'installer', 'mettre', 'joindre', 'lancer']
	};
	const asking = {
		en: ['who is', 'what is', 'what are', 'where is', 'when is', 'when does', 'why is', 'why does', 'why do', 'how does', 'how do', 'how many', 'how much', 'how old is', 'how long is', 'which', 'is', 'are', 'does', 'can', 'should I', 'tell me', 'give me', 'write', 'what does', 'I have', 'I like', 'my', 'the', 'which model of', 'what temperature has', 'do', 'will', 'who', 'help me with'],
		fr: ['qui est', 'quel est', 'quelle est', 'quels sont', 'où est', 'quand', 'pourquoi', 'comment', 'combien de', 'combien coûte', 'est-ce que', 'dois-je', 'peut-on', 'dis-moi', 'donne-moi', 'écris', 'que signifie', 'j’ai', 'j’aime', 'mon', 'ma', 'le', 'quel modèle de', 'quelle température a', 'que faire de', 'quels', 'à quoi ressemble', 'comment se', 'les']
	};

	/** What another program is asked to do, whatever its name. */
	const things = {
		en: ['a file', 'a contact', 'an account', 'a user', 'my password', 'a message', 'a page', 'a picture', 'a folder', 'a group', 'a layer', 'a table', 'a song', 'the language', 'the theme', 'a setting', 'a column', 'a backup', 'a link', 'a friend', 'a video', 'a model', 'a key', 'the background', 'a project', 'a playlist', 'the settings', 'a photo', 'a server', 'a title', 'an event', 'notes', 'a shortcut', 'a chart', 'the sound', 'a filter', 'a photo album', 'a level', 'a token', 'the history', 'the logs'],
		fr: ['un fichier', 'un contact', 'un compte', 'un utilisateur', 'mon mot de passe', 'un message', 'une page', 'une image', 'un dossier', 'un groupe', 'un calque', 'un tableau', 'une chanson', 'la langue', 'le thème', 'un réglage', 'une colonne', 'une sauvegarde', 'un lien', 'un ami', 'une vidéo', 'un modèle', 'une clé', 'le fond', 'un projet', 'une playlist', 'les réglages', 'une photo', 'un serveur', 'un titre', 'un événement', 'des notes', 'un raccourci', 'un graphique', 'le son', 'un filtre', 'un album', 'un niveau', 'un jeton', 'l’historique', 'les journaux']
	};
	const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
	const within = { en: ['in', 'in', 'on', 'from', 'with', 'to', 'for', 'of', 'using'], fr: ['dans', 'dans', 'sur', 'de', 'avec', 'pour', 'vers', 'sous'] };
	function elsewhere(language: Language): string {
		const name = () => capital(random() < 0.5 ? word(random() < 0.7 ? 'en' : 'fr') : invented());
		const product = random() < 0.45 ? spoken(macros.get(language === 'en' ? 'product' : 'fproduit')!) : random() < 0.7 ? name() : `${name()} ${name()}`;
		const thing = random() < 0.7 ? pick(random, things[language]) : nounPhrase(language);
		return framed(spoken(pick(random, frames[language].verb)), `${pick(random, doing[language])} ${thing} ${pick(random, within[language])} ${product}`, language);
	}

	/** Letters that are no words. */
	function nonsense(): string {
		const letters = pick(random, ['abcdefghijklmnopqrstuvwxyz', 'aeiourstlnmdp', '0123456789', 'abcdef0123456789', '!?#*+-=/.,;:)(', 'qsdfghjklm', 'asdfghjkl', '😀😂🙂😎🐱🌍🔥🍕🚀👍🤖💡🎵']);
		return Array.from({ length: 1 + Math.floor(random() * 5) }, () => Array.from({ length: 1 + Math.floor(random() * 9) }, () => pick(random, [...letters])).join('')).join(' ');
	}
	/** A word that might be one. */
	const invented = () => Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, [...'bcdfghjklmnprstvz', 'ch', 'tr', 'br', 'gl', 'st', 'pl', 'qu']) + pick(random, [...'aeiou', 'ou', 'ai', 'ee', 'an', 'on', 'er'])).join('') + pick(random, ['', '', 'n', 's', 't', 'r', 'l', 'x', 'ing', 'ed', 'tion', 'eur', 'age', 'er']);

	function inFrame(kind: 'verb' | 'noun', phrase: Phrase, language: Language): string {
		return framed(spoken(pick(random, frames[language][kind])), spoken(phrase), language);
	}

	function aboutOther(language: Language): string {
		const wording = other[language];
		const chance = random();
		if (chance < 0.04) return nonsense();
		if (chance < 0.4) return everyday(language);
		if (chance < 0.45) {
			const words = parse(invented(), language);
			return framed(spoken(pick(random, frames[language][pick(random, ['verb', 'noun'] as const)])), words, language);
		}
		if (chance < 0.6) return elsewhere(language);
		if (chance < 0.63) return Array.from({ length: 2 + Math.floor(random() * 30) }, () => (random() < 0.5 ? invented() : spoken(macroOf(language)))).join(' ');
		return sentence(other, language, wording.questions.length / (wording.questions.length + 6));
	}
	const parse = (word: string, language: Language) => (language === 'en' ? pick(random, [`a ${word}`, `the ${word}`, word, `${word} the ${invented()}`, `${spoken(macros.get('deed')!)} a ${word}`]) : pick(random, [`un ${word}`, `la ${word}`, word, `${word} le ${invented()}`, `${spoken(macros.get('ffaire')!)} un ${word}`]));
	const macroOf = (language: Language) => macros.get(language === 'en' ? pick(random, ['thing', 'deed', 'place', 'product', 'field']) : pick(random, ['fchose', 'ffaire', 'flieu', 'fproduit', 'fdomaine']))!;

	/** A question that the subject answers. `plain`: how often one of the whole questions, where there are all kinds. */
	function sentence(subject: Subject, language: Language, plain = 0.35): string {
		const { verbs, nouns, questions } = subject[language];
		const kinds = [...(verbs.length ? ['verb'] as const : []), ...(nouns.length ? ['noun'] as const : [])];
		if (questions.length && (!kinds.length || random() < plain)) return spoken(pick(random, questions));
		const kind = kinds.length === 2 ? (random() < verbs.length / (verbs.length + nouns.length * 1.5) ? 'verb' : 'noun') : kinds[0]!;
		return inFrame(kind, pick(random, kind === 'verb' ? verbs : nouns), language);
	}

	/** What is asked after an answer about `before`, and the subject it means; undefined where there is nothing. */
	function followUp(before: Subject, language: Language): [string, Subject] | undefined {
		if (!before.object) return undefined;
		const meant = known.filter((subject) => subject.object === before.object && subject.action && subject.action in pronounActions[language] && subject !== before);
		if (!meant.length) return undefined;
		const subject = pick(random, meant);
		return [framed(spoken(pick(random, frames[language].after)), spoken(pick(random, pronounActions[language][subject.action!]!)), language), subject];
	}

	const ask = (question: string, language: Language) => typed(question, language, random);
	/** Now and then a word that says nothing. */
	const withStray = (question: string, language: Language): string => {
		if (random() > 0.06) return question;
		const words = question.split(' ');
		words.splice(Math.floor(random() * (words.length + 1)), 0, word(language));
		return words.join(' ');
	};

	/** Nobody is new to one's own language: the parameters and errors, many and alike, are asked less often than the rest. */
	const weights = known.map(({ name }) => (/^(parameter|error)\.[A-Za-z_]+$/.test(name) && !['parameter.reset', 'parameter.model'].includes(name) ? 0.6 : 1));
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	function anySubject(): Subject {
		let at = random() * total;
		for (const [i, weight] of weights.entries()) if ((at -= weight) < 0) return known[i]!;
		return known[0]!;
	}

	function turn(language: Language, before: { subject: Subject; language: Language } | undefined): { question: string; subject: Subject; language: Language } {
		const chance = random();
		if (before && before.subject !== other && chance < 0.05) {
			const wanted: Language = before.language === 'en' ? 'fr' : 'en';
			return { question: ask(spoken(pick(random, inOtherLanguage[wanted])), wanted), subject: before.subject, language: wanted };
		}
		if (before && chance < 0.55) {
			const follow = followUp(before.subject, language);
			if (follow) return { question: ask(follow[0], language), subject: follow[1], language };
		}
		if (random() < otherShare) return { question: ask(aboutOther(language) || '?', language), subject: other, language };
		const subject = anySubject();
		return { question: ask(withStray(sentence(subject, language), language), language), subject, language };
	}

	return {
		answers,
		dialogue(): Dialogue {
			const turns = random() < 0.68 ? 1 : random() < 0.65 ? 2 : 3;
			let language = pick(random, languages);
			const dialogue: Dialogue = [];
			let before: { subject: Subject; language: Language } | undefined;
			const vague = turns > 1 && random() < 0.35;
			for (let i = 0; i < turns; i++) {
				if (random() < 0.06) language = language === 'en' ? 'fr' : 'en';
				const { question, ...asked } = turn(language, before);
				const number = numberOf(asked.subject, asked.language);
				dialogue.push(vague && i < turns - 1 ? [ask(everyday(asked.language), asked.language), number, 1] : [question, number]);
				before = asked;
			}
			return dialogue;
		}
	};
}
