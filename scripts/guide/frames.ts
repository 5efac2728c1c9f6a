import { parsePhrase, type Phrase } from './phrase.ts';
import type { Language } from './read-subjects.ts';

// Sentences that a verb's phrase ("add a model"), a noun's ("the context length") or a pronoun's goes into, at the place of `_`.
// French: `d_` is "de" or "d’" by the next letter. The frames of `heldOut` are never trained on.

type Frames = { verb: Phrase[]; noun: Phrase[]; heldOutVerb: Phrase[]; heldOutNoun: Phrase[]; after: Phrase[] };
const phrases = (text: string) => text.trim().split('\n').map((line) => parsePhrase(line.trim()));

export const frames: Record<Language, Frames> = {
	en: {
		verb: phrases(`
			how (do|can|could|should|would|must|may|might|shall) (I|you|we|one|i) _
			how (do|can|could|should|would) (I|you|we|one|i) _
			how do I _
			how do i _
			how can I _
			how to _
			how to _
			how [do] _
			_
			_
			I (want|need|would like|have|wish|am trying|try|intend) to _
			I'd like to _
			i wanna _
			I'm trying to _
			(can|could|may) (I|we|you|one) _
			(can|could|will) you [please] (tell|show|explain to|teach) me how to _
			(tell|show|explain to|teach) me how (to|I can|I could|I do) _
			(is it|would it be) possible to _
			is there (a|any|some) (way|button|command|setting|option|page|means|trick) to _
			(what is|what's|whats) the (way|best way|easiest way|right way|command|procedure|method|simplest way|process) to _
			(what|which) (do I|should I|must I|do i) (do|click|press|type|use) to _
			what (steps|are the steps) (do I follow |)to _
			(the |)(steps|instructions|procedure|guide|tutorial|method) (to|for how to) _
			explain how to _
			help me _
			help me to _
			i need help to _
			where (do|can|could|should) (I|you|we|one) _
			where [to] _
			what do I need to _
			what must I do to _
			I don't know how to _
			how does one _
			how are we supposed to _
			tell me how to _
			need to _
			want to _
			trying to _
			let me _
			do I have to do something special to _
			i cannot _
			I can't _
			when I want to _, what do I do
			would like to know how to _
			if I want to _, where do I go
			what happens when I _
			do you know how to _
			I was wondering how (to|I could|one can|one could) _
			(somebody|my boss|a friend|a colleague) asked me to _
			(my boss|a colleague|my team|my friend) wants to _, how does that go
			what would be a good way to _
			what is needed [in order] to _
			in order to _, what (comes first|is needed|has to be done)
			(which|what) (menu|page|button|screen) lets me _
			(in which menu|on which page|on what screen|at which place) (can|do) I _
			where is the (option|entry|place|field) to _
			I (have been|am) looking for (a way|the place|the right page|the button) to _
			(say|suppose|imagine) I want to _
			it's my first time here and I (want|need|would like) to _
			I (don't see|can't figure out|cannot find|never found out|forgot|keep forgetting) how to _
			(is it hard|is it easy|is it allowed|are users allowed|am I allowed) to _
			(quickly|kindly|just|briefly) (tell|remind) me how to _
			could someone (say|tell me|describe) how to _
			(today|tomorrow|later|next week) I (have|need|want|plan) to _
			there must be some (trick|place|way|option) to _
			what does it take to _
			how would (you|somebody|a beginner|an administrator) _
			(my goal|the plan|the idea|what I want) is to _
			to _, (which button is it|what do I press|where do I click|what must be typed)
			give me (the steps|directions|a hint|instructions|advice) (to|on how to) _
			I (failed|did not manage|am unable|am struggling|keep failing) to _
			what if (one|somebody|I) (wants|want) to _
			(would|does) anyone know how to _
			after all this I still don't get how to _
			how exactly does one _`),
		noun: phrases(`
			what is _
			what's _
			whats _
			what are _
			what (does|do) _ (do|mean|change|control)
			_
			_
			explain _
			explain _ to me
			explain what _ (is|does|means)
			tell me about _
			(describe|define) _
			(can|could) you explain _
			what is _ (for|good for|about|used for)
			what (is|are) the (meaning|purpose|use|point) of _
			what do you know about _
			i want to know about _
			I don't understand _
			I do not understand what _ is
			(meaning|definition|purpose|explanation) of _
			how does _ work
			how do _ work
			what does _ mean exactly
			tell me what _ (is|does|means)
			(some |)(info|information|details|help) (about|on) _
			help with _
			why is there _
			where (is|are) _
			where (can|do) I (find|see) _
			what should I know about _
			_ - what is (that|it)
			_ ?
			I (saw|read|heard of|came across) _, what (is it|does it mean|might that be)
			somebody (mentioned|talked about) _
			(a colleague|the manual|the page|the screen) (mentions|says|shows) _, what is (it|that)
			(would|could) you (describe|define|clarify|say something about) _
			(briefly|shortly|in short|in a nutshell|roughly), what is _
			what do people (use|need|want) _ for
			what is the (idea|story|deal|thing) (behind|with) _
			why would I (need|want|use) _
			(when|why) do (I|you|we) need _
			I (wonder what is|want to understand|would like to understand|am curious about|never understood) _
			(how|in what way) (important|useful) is _
			does _ (matter|have an effect|change anything)
			_: (what|meaning|explanation|any details)
			give me (a definition|a short description|a summary|an overview) of _
			(looking for|I need) (an explanation of|information about|some facts on) _
			everything (about|on) _
			something (about|on) _
			the screen says _ and I don't know why
			what would you say about _
			how do you explain _ to a beginner`),
		heldOutVerb: phrases(`
			any idea how I _
			could you walk me through how to _
			what would I have to do in order to _
			I have no clue how to _
			what's the proper procedure if I wish to _
			please guide me: I'd love to _`),
		heldOutNoun: phrases(`
			I keep reading about _, what is that all about
			could you shed some light on _
			in simple words, _
			what exactly is meant by _`),
		after: phrases(`
			and how (do|can) (I|you) _
			and how do i _
			how (do|can|would) (I|you) _
			and (to|how to) _
			(and|ok and|but|so|now|then) how (do|can|should) (I|i|you) _
			and if I want to _
			(and|then|but) (can|could) I _
			can I _
			now I want to _
			what if I want to _
			(and|then) what about to _
			_
			and _
			where do I _
			ok, how to _
			and what if I (want|need) to _
			and how (would|could|will|should|might) (I|one|we|you) _
			(could|would|may|should) I _ (instead|too|later|afterwards)
			can one _ (instead|too|later|as well)
			and (later|afterwards|at some point) _
			I('d| would) (prefer|like|want) to _
			I want to _ (instead|rather)
			(fine|good|great|thanks|perfect|alright|ok), (and|now|but) (how do I|how can I|to|how to) _
			(and|now) (if|in case|when) I (must|need to|have to|want to) _
			(and|and then) (to|after that to) _
			and _ (after that|later|afterwards|again)
			ok but how do I _ (later|again|afterwards)
			what do I do to _ (later|again|afterwards)
			how (do|can) I (now|later|then) _`)
	},
	fr: {
		verb: phrases(`
			comment _
			comment _
			comment (faire|je fais|on fait|fait-on|dois-je faire|peut-on faire) pour _
			comment faire pour _
			comment (puis-je|peut-on|pourrais-je|pourrait-on|dois-je|on peut|je peux|je dois|on doit|je pourrais) _
			comment est-ce que (je peux|je dois|l’on peut|on peut|vous pouvez) _
			comment est-ce qu’on peut _
			_
			_
			je (veux|voudrais|souhaite|dois|désire|cherche à|souhaiterais|n’arrive pas à|ne sais pas comment|ne parviens pas à|ne peux pas|vais|tente de|compte) _
			j’aimerais _
			j’ai besoin d_
			j’essaie d_
			(peut-on|puis-je|est-ce que je peux|est-ce qu’on peut|on peut|pourrait-on|je peux) _
			(peux-tu|pouvez-vous|pourrais-tu|tu peux) [me dire|m’expliquer|me montrer|m’indiquer] comment _
			(dis-moi|dites-moi|explique-moi|expliquez-moi|montre-moi|montrez-moi|explique|indique-moi) comment _
			(est-il|serait-il|est-ce) possible d_
			y a-t-il (un moyen|un bouton|une commande|un réglage|une option|une page|une façon|une méthode) (d|pour )_
			quelle est la (façon|manière|méthode|procédure|commande|marche à suivre|meilleure façon|bonne manière|démarche) (d|pour )_
			que (faire|dois-je faire|faut-il faire) pour _
			qu’est-ce (que je dois|qu’il faut) faire pour _
			(les étapes|la procédure|le mode d’emploi|la marche à suivre|un tutoriel|des instructions|la méthode) pour _
			aide-moi à _
			aidez-moi à _
			où (puis-je|peut-on|dois-je|est-ce que je peux|je peux|est-ce qu’on peut) _
			où _
			que faut-il pour _
			je ne sais pas comment _
			j’ai un problème pour _
			par où passer pour _
			il faut faire quoi pour _
			on fait comment pour _
			faut-il faire quelque chose pour _
			besoin d_
			quand je veux _, que dois-je faire
			si je veux _, où aller
			que se passe-t-il quand je veux _
			sais-tu comment _
			je me demandais comment (on peut|) _
			(mon chef|un collègue|un ami|mon équipe) me demande d_
			(mon équipe|un collègue|mon chef|un ami) veut _, comment (fait-on|faire|ça se passe)
			quelle serait une bonne (façon|manière) d_
			qu’est-ce qui est nécessaire pour _
			pour _, (que faut-il|par quoi commencer|que dois-je faire|où cliquer|quel bouton est-ce)
			(quel menu|quelle page|quel bouton|quel écran) permet d_
			(quel menu|quelle page|quel bouton|quel écran) sert à _
			(dans quel menu|à quel endroit|sur quelle page|sur quel écran) (peut-on|puis-je|faut-il aller pour|dois-je aller pour) _
			je cherche (un moyen|une façon|l’endroit|la page|le bouton) pour _
			(disons|supposons|imaginons) que je veux _
			c’est ma première fois ici et je (veux|voudrais|dois) _
			je (ne vois pas|ne trouve pas|n’ai pas trouvé|n’ai jamais su|ne comprends pas|ne sais plus) comment _
			(est-ce difficile|est-ce facile|est-ce permis|est-il permis|ai-je le droit|a-t-on le droit) d_
			(rappelle-moi|rappelez-moi|redis-moi) comment _
			quelqu’un (peut-il|pourrait-il) (me dire|décrire|expliquer) comment _
			(aujourd’hui|demain|plus tard|bientôt) je (dois|veux|vais|compte) _
			il doit y avoir un (truc|moyen|endroit|bouton) pour _
			(mon but|l’idée|le plan|mon intention) est d_
			comment (un débutant|un administrateur|quelqu’un) peut-il _
			(donne-moi|donnez-moi) (les étapes|une piste|des indications|un conseil) pour _
			je (n’ai pas réussi|ne réussis pas|peine|n’arrive jamais) à _
			quelle action faut-il pour _
			que dois-je savoir pour _
			comment s’y prend-on pour _
			qui peut me dire comment _`),
		noun: phrases(`
			(qu’est-ce que|c’est quoi|que signifie|qu’est-ce que c’est que|que veut dire|à quoi sert|que fait) _
			c’est quoi _
			qu’est-ce que _
			à quoi (sert|servent) _
			_
			_
			explique _
			(explique-moi|expliquez-moi|décris|décrivez|définis|présente-moi) _
			parle-moi d_
			parlez-moi d_
			comment (fonctionne|marche|fonctionnent|marchent) _
			(définition|explication|signification|rôle|but|utilité) d_
			quel est le (rôle|but|sens|principe) d_
			que sais-tu d_
			je ne comprends pas _
			j’aimerais comprendre _
			_, c’est quoi
			_ ça sert à quoi
			(infos|informations|renseignements|aide|détails) sur _
			dis-moi ce qu’est _
			où (est|sont|se trouve|se trouvent) _
			où (trouver|voir) _
			pourquoi y a-t-il _
			que dois-je savoir sur _
			peux-tu m’expliquer _
			pouvez-vous expliquer _
			je veux en savoir plus sur _
			_ ?
			j’ai entendu parler d_, qu’est-ce que c’est
			j’ai (lu|vu|croisé) _, (qu’est-ce que c’est|c’est quoi|ça veut dire quoi)
			(un collègue|le manuel|la page|l’écran) (mentionne|affiche|montre) _, (qu’est-ce que c’est|c’est quoi)
			(un collègue|le manuel|la page|l’écran) parle d_
			(pouvez-vous|peux-tu|pourrais-tu) (décrire|définir|préciser|clarifier) _
			(brièvement|en bref|en gros|rapidement), (qu’est-ce que|c’est quoi) _
			quelle est l’idée derrière _
			pourquoi aurais-je besoin d_
			pourquoi utiliser _
			quand a-t-on besoin d_
			je (me demande ce qu’est|voudrais comprendre|suis curieux de savoir ce qu’est|n’ai jamais compris) _
			_ (a-t-il un effet|est-ce important|est-ce utile|ça change quoi)
			_ : (explication|définition|des détails)
			(donne-moi|donnez-moi) (une définition|une courte description|un résumé|un aperçu) d_
			(je cherche|il me faut) (une explication|des informations|des précisions) sur _
			tout (sur|savoir sur) _
			que peut-on dire d_
			comment expliquer _ à un débutant`),
		heldOutVerb: phrases(`
			auriez-vous une idée de la manière d_
			quel serait le chemin à prendre afin d_
			je n’ai aucune idée de comment m’y prendre pour _
			montrez-moi pas à pas, je tiens à _
			de quelle façon procède-t-on pour _`),
		heldOutNoun: phrases(`
			je vois souvent _, de quoi s’agit-il
			pourriez-vous m’éclairer sur _
			en quelques mots simples, _
			qu’entend-on au juste par _`),
		after: phrases(`
			et comment _
			et comment (je peux|puis-je|on peut|faire pour|est-ce que je peux|je fais pour) _
			comment _
			et pour _
			(et|mais|bon et|ensuite|puis|alors) comment _
			et si je veux _
			(et|mais) (puis-je|peut-on|est-ce que je peux|on peut) _
			maintenant je veux _
			je veux _
			_
			et _
			où est-ce que je peux _
			ok, comment faire pour _
			et s’il faut _
			et comment (pourrais-je|pourrait-on|devrais-je|vais-je) _
			(puis-je|pourrais-je|est-il possible de) plutôt _
			(et|et puis|et ensuite) (pour|je veux) _
			(parfait|bien|merci|d’accord|bon), et (pour|comment|comment on fait pour|comment je fais pour) _
			(j’aimerais|je voudrais|je préférerais) (plutôt|ensuite|aussi) _
			et (plus tard|après|ensuite), (pour|comment) _
			comment (faire pour|je fais pour) _ (plus tard|après|ensuite)
			et _ (plus tard|après|ensuite)
			et s’il fallait _
			comment est-ce que je peux (maintenant|ensuite) _`)
	}
};

/** The sentence of a frame around a phrase. */
export function framed(frame: string, inner: string, language: Language): string {
	if (language === 'en') return frame.replace('_', () => inner);
	const vowel = /^[aeiouyhœàâéèêëîïôûù]/iu.test(inner);
	const contracted = inner.replace(/^le /u, 'du ').replace(/^les /u, 'des ');
	return frame.replace(/\bd_/u, () => (contracted === inner ? (vowel ? 'd’' : 'de ') + inner : contracted)).replace('_', () => inner);
}

/** What is done to a thing, with a pronoun in its place: after an answer about that thing. */
export const pronounActions: Record<Language, Record<string, Phrase[]>> = {
	en: {
		add: phrases(`(add|create|make|set up|register) (one|another|another one|a new one|one more)`),
		remove: phrases(`(remove|delete|erase|get rid of|uninstall|drop|throw away|take away|throw out|clear|dispose of) (it|that|this|one|them|it again|that one|him|her)`),
		rename: phrases(`(rename|change the name of) (it|that|one|them)\n(give|assign) (it|one|them) (another|a different|a new|a better) (name|title)\n(call|name) it (differently|something else)`),
		load: phrases(`(load|start|run|launch) (it|that|one|them)`),
		unload: phrases(`(unload|stop|free|shut down|end|close|halt) (it|that|one|them)`),
		edit: phrases(`(edit|change|modify|adjust|alter|set) (it|that|this|them)`),
		reset: phrases(`(reset|restore) (it|that|them)\n(undo|take back) (it|that|the change)\n(get|go) back to the default [value]`),
		disable: phrases(`(disable|turn off|switch off|deactivate|block|suspend) (it|that|one|them)`),
		revoke: phrases(`(revoke|cancel|invalidate|delete|remove|withdraw|block) (it|that|one|them)`),
		export: phrases(`(export|save|download|keep a copy of|back up) (it|that|them)`),
		archive: phrases(`(archive|hide|put away|move to the archive) (it|that|them)`),
		use: phrases(`(use|try) (it|that|one|them)`),
		test: phrases(`(test|check|verify) (it|that|whether it works|if it works)`),
		search: phrases(`(search|find|look for) (it|one|them|that again)`),
		choose: phrases(`(choose|select|pick) (it|one|another|another one)`)
	},
	fr: {
		add: phrases(`en (ajouter|créer|enregistrer|faire) (un|une) [autre|nouveau|nouvelle|de plus]`),
		remove: phrases(`(le|la|les) (supprimer|retirer|enlever|effacer|désinstaller|virer)\nl’(effacer|enlever|supprimer)\n(supprimer|effacer|retirer|enlever) (ça|cela|celui-ci|celle-ci)\n(m’en débarrasser|s’en débarrasser|le jeter|la jeter|l’ôter|m’en défaire)`),
		rename: phrases(`(le|la) renommer\n(lui donner un (nouveau|autre|meilleur) nom|changer son nom|changer son titre|l’appeler autrement)`),
		load: phrases(`(le|la) (charger|lancer|démarrer)`),
		unload: phrases(`(le|la) (décharger|arrêter|libérer|stopper)\nl’arrêter`),
		edit: phrases(`(le|la|les) (modifier|changer|régler|ajuster|éditer)\nl’ajuster`),
		reset: phrases(`(le|la|les) (réinitialiser|remettre à zéro|rétablir)\n(revenir|retourner) à la valeur par défaut`),
		disable: phrases(`(le|la) (désactiver|bloquer|suspendre|couper)`),
		revoke: phrases(`(la|le) (révoquer|annuler|supprimer|invalider)\nl’annuler`),
		export: phrases(`(le|la|les) (exporter|sauvegarder|télécharger)\nen garder une copie\nl’exporter`),
		archive: phrases(`(l’archiver|la cacher|les archiver|la ranger)`),
		use: phrases(`(l’utiliser|s’en servir|m’en servir|les utiliser|l’essayer|l’employer)`),
		test: phrases(`(le tester|le vérifier|voir si ça marche|vérifier qu’il marche)`),
		search: phrases(`(la retrouver|les chercher|la rechercher|le retrouver)`),
		choose: phrases(`(le choisir|en choisir un autre|le sélectionner|en changer)`)
	}
};

/** After any answer: the same in the other language. */
export const inOtherLanguage: Record<Language, Phrase[]> = {
	en: phrases(`in english [please]\n(say|tell|repeat) (it|that) in english\n(and|now) in english\nenglish please\ntranslate [it] to english\ncan you say that in english`),
	fr: phrases(`en français [s’il te plaît|svp]\n(dis-le|dites-le|répète|redis-le) en français\n(et|maintenant) en français\ntraduis [ça] en français\nin french [please]\nsay it in french\nand in french`)
};
