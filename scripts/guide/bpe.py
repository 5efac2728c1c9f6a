"""A byte-level BPE vocabulary as Qwen 2 has it (GPT-2's algorithm, Qwen's pre-tokenizer), learnt from the guide's own texts."""
import random
import re
from collections import Counter

# llama.cpp, LLAMA_VOCAB_PRE_TYPE_QWEN2; \p{L} in Python's words
WORD = re.compile(r"'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\r\n\w]?[^\W\d_]+|_[^\W\d_]+|\d| ?(?:[^\s\w]|_)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_characters():
    table, spare = [], 256
    for byte in range(256):
        printable = 33 <= byte <= 126 or 161 <= byte <= 172 or 174 <= byte <= 255
        table.append(chr(byte if printable else spare))
        spare += 0 if printable else 1
    return table


BYTES = byte_characters()


def spell(text):
    return "".join(BYTES[b] for b in text.encode("utf-8"))


def learn(texts, size):
    """The merges, most useful first, until there are `size` tokens with the 256 bytes. `texts`: text → how much it counts."""
    words = Counter()
    for text, weight in texts.items():
        for word in WORD.findall(text):
            words[tuple(spell(word))] += weight
    merges = []
    pairs, where = Counter(), {}
    spelled = [list(word) for word in words]
    counts = list(words.values())
    for i, word in enumerate(spelled):
        for pair in zip(word, word[1:]):
            pairs[pair] += counts[i]
            where.setdefault(pair, set()).add(i)
    while len(merges) < size - 256:
        best, count = max(pairs.items(), key=lambda item: (item[1], item[0]))
        if count < 3:
            break
        merges.append(best)
        joined = best[0] + best[1]
        for i in where.pop(best):
            word = spelled[i]
            for pair in zip(word, word[1:]):
                pairs[pair] -= counts[i]
            at, new = 0, []
            while at < len(word):
                if at + 1 < len(word) and (word[at], word[at + 1]) == best:
                    new.append(joined)
                    at += 2
                else:
                    new.append(word[at])
                    at += 1
            spelled[i] = new
            for pair in zip(new, new[1:]):
                pairs[pair] += counts[i]
                where.setdefault(pair, set()).add(i)
        del pairs[best]
    return merges


class Tokenizer:
    def __init__(self, merges, control):
        seen = dict.fromkeys(BYTES)
        kept = []
        for left, right in merges:
            if left + right not in seen:
                seen[left + right] = None
                kept.append((left, right))
        self.merges = kept
        self.tokens = list(seen) + list(control)
        self.index = {token: i for i, token in enumerate(self.tokens)}
        self.ranks = {pair: rank for rank, pair in enumerate(kept)}
        self.known = {}

    def _word(self, word, dropout):
        if not dropout and word in self.known:
            return self.known[word]
        parts = list(spell(word))
        while len(parts) > 1:
            ranked = [(self.ranks[pair], at) for at, pair in enumerate(zip(parts, parts[1:])) if pair in self.ranks and (not dropout or random.random() >= dropout)]
            if not ranked:
                break
            rank = min(ranked)[0]
            pair = self.merges[rank]
            at, new = 0, []
            while at < len(parts):
                if at + 1 < len(parts) and (parts[at], parts[at + 1]) == pair:
                    new.append(pair[0] + pair[1])
                    at += 2
                else:
                    new.append(parts[at])
                    at += 1
            parts = new
        ids = [self.index[part] for part in parts]
        if not dropout:
            self.known[word] = ids
        return ids

    def encode(self, text, dropout=0.0):
        """`dropout`: how often a merge is passed over, so that a word is also met in pieces, as a misspelt one is."""
        return [i for word in WORD.findall(text) for i in self._word(word, dropout)]
