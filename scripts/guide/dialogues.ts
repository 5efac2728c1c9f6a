import type { Language } from './read-subjects.ts';

/** Held out: questions that only what was asked before them explains. Each: language, subjects answered before, the question, the subject that it means. */
export const heldOutDialogues: [language: Language, before: string[], question: string, meant: string][] = [
	['en', ['model.add'], 'and how do I remove it?', 'model.remove'],
	['en', ['model.add'], 'fine, and how could I throw it out again?', 'model.remove'],
	['en', ['model.download'], 'how will I get rid of it later', 'model.remove'],
	['en', ['model.load'], 'and stop it after that?', 'model.unload'],
	['en', ['model.remove'], 'can I give it another name instead', 'model.rename'],
	['en', ['user.add'], 'and if I must delete him one day? I mean how to delete it', 'user.remove'],
	['en', ['user.add'], 'how do I remove them', 'user.remove'],
	['en', ['key.create'], 'how can I cancel it?', 'key.revoke'],
	['en', ['key.create'], 'and then how is it used', 'key.use'],
	['en', ['key.revoke'], 'how would I make a new one', 'key.create'],
	['en', ['upstream.add'], 'now how to take it away', 'upstream.remove'],
	['en', ['upstream.lmstudio'], 'how do I change it', 'upstream.edit'],
	['en', ['conversation.rename'], 'and delete it?', 'conversation.delete'],
	['en', ['conversation.delete'], 'I would rather archive it', 'conversation.archive'],
	['en', ['conversation.search'], 'can I export it as well?', 'conversation.export'],
	['en', ['guide.what'], 'how do I remove it', 'guide.remove'],
	['en', ['guide.remove'], 'in french please', 'guide.remove'],
	['en', ['model.add', 'user.add'], 'and how do I remove it?', 'user.remove'],
	['en', ['user.add', 'model.add'], 'and how do I remove it?', 'model.remove'],
	['en', ['model.add'], 'what is the weather like', 'other'],
	['en', ['other'], 'how do I add a model', 'model.add'],
	['en', ['key.create', 'other'], 'where are the log files', 'page.logs'],
	['fr', ['model.add'], 'et comment le retirer ?', 'model.remove'],
	['fr', ['model.add'], 'très bien, et pour l’enlever ensuite ?', 'model.remove'],
	['fr', ['model.download'], 'comment je le supprime plus tard', 'model.remove'],
	['fr', ['model.load'], 'et l’arrêter après ?', 'model.unload'],
	['fr', ['model.remove'], 'puis-je plutôt lui donner un autre nom', 'model.rename'],
	['fr', ['user.add'], 'et comment je le supprime', 'user.remove'],
	['fr', ['key.create'], 'comment je peux l’annuler ?', 'key.revoke'],
	['fr', ['key.create'], 'et ensuite comment m’en servir ? enfin, l’utiliser', 'key.use'],
	['fr', ['upstream.add'], 'et pour le retirer maintenant', 'upstream.remove'],
	['fr', ['conversation.rename'], 'et la supprimer ?', 'conversation.delete'],
	['fr', ['conversation.delete'], 'je préfère l’archiver', 'conversation.archive'],
	['fr', ['conversation.search'], 'peut-on aussi l’exporter ?', 'conversation.export'],
	['fr', ['guide.what'], 'comment le supprimer', 'guide.remove'],
	['fr', ['guide.remove'], 'en anglais s’il te plaît', 'guide.remove'],
	['fr', ['model.add', 'user.add'], 'et comment le supprimer ?', 'user.remove'],
	['fr', ['user.add', 'model.add'], 'et comment le supprimer ?', 'model.remove'],
	['fr', ['model.add'], 'quel temps fera-t-il', 'other'],
	['fr', ['other'], 'comment ajouter un modèle', 'model.add']
];

/** Questions that ask for the other language, in the words above. */
export const asksOtherLanguage = (question: string): boolean => /in french|en anglais/.test(question);
